// The work on one photo: its history, its session at the service, its predictions, its masks of everything. Several may
// live at once; only the active one shows in the store.

import { History } from './model/history.js';
import * as documents from './model/document.js';
import { ALL } from './model/filters.js';
import { mergeMasks } from './model/mask.js';
import { keyOf, promptOf } from './model/prompts.js';
import { chosenMask } from './selectors.js';
import { isAbort } from './service/errors.js';
import { readEverything } from './service/everything.js';
import { Predictor } from './service/predictor.js';
import { PhotoSession } from './service/remotephoto.js';
import { closePhoto } from './stage/photo.js';

export const NOTHING_FOUND = Object.freeze({ phase: 'none', done: 0, total: 0, masks: Object.freeze([]) });

/** How long a hover may take before the preview is only asked for where the pointer rests. */
const QUICK = 250;

export class Work {
  #history = new History(documents.EMPTY_DOCUMENT);
  #isActive = false;
  #acceptWhenReady = false;
  #finding = null;
  #hoverTimer = null;
  #lastHover = null;

  constructor(api, photo, store, notices) {
    this.photo = photo;
    this.store = store;
    this.notices = notices;
    this.isSaved = true;
    this.session = new PhotoSession(api, photo, (link) => this.#publish({ link }));
    this.predictor = new Predictor(this.session);
    this.own = {
      photo,
      link: { phase: 'uploading', fraction: 0 },
      document: this.#history.value,
      canUndo: false,
      canRedo: false,
      prediction: null,
      hover: null,
      everything: NOTHING_FOUND,
      filters: ALL,
      selected: null,
      highlight: null,
      view: null,
      cursor: null,
      guide: null,
      grip: null,
    };
  }

  get document() {
    return this.#history.value;
  }

  activate() {
    this.#isActive = true;
    this.store.update(this.own);
  }

  rest() {
    this.#isActive = false;
    this.hoverAt(null);
    const { view, filters, selected } = this.store.state;
    Object.assign(this.own, { view, filters, selected });
  }

  close() {
    this.#finding?.abort();
    this.session.close();
    closePhoto(this.photo);
  }

  /** Uploads and encodes; the answer's size must be the one that the browser shows. */
  async open(ready = this.session.ready()) {
    try {
      const { width, height } = await ready;
      if (this.own.prediction?.error) this.#askAgain();
      if (width !== this.photo.width || height !== this.photo.height) {
        this.notices.error(`The service reads ${this.photo.name} as ${width} x ${height} pixels, this browser shows it as `
          + `${this.photo.width} x ${this.photo.height}: masks may lie beside their things. Save the photo upright as JPEG `
          + 'and open that.');
      }
    } catch (error) {
      if (isAbort(error)) return;
      const action = { label: 'Try again', run: () => this.open(this.session.reopen()) };
      this.notices.error(`${this.photo.name}: ${error.message}`, { id: 'open', action });
    }
  }

  /** One step of the history: `change(document)` gives the next document. `since` is when a person asked for it. */
  edit(change, { tag = null, since = null } = {}) {
    this.#history.push(change(this.document), tag);
    this.#changed(since);
  }

  /** A document on the way of a gesture, made from the one before the gesture. */
  preview(document) {
    this.#history.preview(document);
    this.#changed();
  }

  commit() {
    this.#history.commit();
    this.#changed();
  }

  rollback() {
    this.#history.rollback();
    this.#changed();
  }

  undo() {
    const done = this.#history.undo();
    this.#changed();
    return done;
  }

  redo() {
    const done = this.#history.redo();
    this.#changed();
    return done;
  }

  /** Accepts the object in work, or as soon as its mask is there. False where there is nothing to accept. */
  accept() {
    if (!documents.hasPrompts(this.document.draft)) return false;
    if (this.own.prediction?.isPending) {
      this.#acceptWhenReady = true;
      return true;
    }
    const mask = chosenMask(this.own);
    if (!mask || mask.runs.isEmpty) return false;
    this.edit((document) => documents.accept(document, mask));
    this.#publish({ selected: this.document.objects.at(-1).id });
    return true;
  }

  editObject(id) {
    const object = this.document.objects.find((candidate) => candidate.id === id);
    if (!object) return;
    this.#publish({ prediction: { key: null, candidates: [object.mask], best: 0, isPending: true }, selected: id });
    this.edit((document) => documents.edit(document, id));
  }

  take(mask) {
    this.edit((document) => documents.take(document, mask));
    this.#publish({ selected: this.document.objects.at(-1).id });
  }

  takeAll(masks) {
    this.edit((document) => masks.reduce(documents.take, document));
  }

  joinTo(id, mask) {
    const object = this.document.objects.find((candidate) => candidate.id === id);
    if (!object) return this.take(mask);
    this.edit((document) => documents.join(document, id, mask, mergeMasks(object.mask, mask)));
  }

  /** A preview of a click on a pixel of the photo; null ends it. */
  hoverAt(pixel) {
    clearTimeout(this.#hoverTimer);
    this.#lastHover = pixel;
    if (!pixel || this.own.link.phase !== 'ready' || documents.hasPrompts(this.document.draft)) {
      this.predictor.clearHover();
      this.#publish({ hover: null });
      return;
    }
    if (this.predictor.lastRoundTrip > QUICK) this.#hoverTimer = setTimeout(() => this.#askHover(pixel), QUICK);
    else this.#askHover(pixel);
  }

  async findEverything(options) {
    this.stopEverything();
    const finding = new AbortController();
    this.#finding = finding;
    const tell = (change) => this.#finding === finding
      && this.#publish({ everything: { ...this.own.everything, ...change } });
    tell({ ...NOTHING_FOUND, phase: 'running' });
    try {
      await this.session.use((id) => readEverything(this.session.api, id, options, finding.signal, tell), finding.signal);
      tell({ phase: 'done' });
    } catch (error) {
      tell({ phase: 'stopped' });
      if (!isAbort(error)) this.notices.error(`Everything: ${error.message}`, { id: 'everything' });
    }
  }

  stopEverything() {
    this.#finding?.abort();
  }

  clearEverything() {
    this.stopEverything();
    this.#finding = null;
    this.#publish({ everything: NOTHING_FOUND });
  }

  async #askHover(pixel) {
    const prompt = promptOf({ points: [{ ...pixel, label: 1 }], box: null, mask: null });
    let result;
    try {
      result = await this.predictor.forHover(prompt);
    } catch {
      return; // A preview that fails is none; the click will say why.
    }
    if (result && this.#lastHover === pixel) this.#publish({ hover: result.candidates[result.best] });
  }

  #changed(since = null) {
    const { value: document, canUndo, canRedo } = this.#history;
    if (document.objects !== this.own.document.objects) this.isSaved = document.objects.length === 0;
    const change = { document, canUndo, canRedo };
    const { selected } = this.#isActive ? this.store.state : this.own;
    if (!document.objects.some((object) => object.id === selected)) change.selected = null;
    if (documents.hasPrompts(document.draft)) this.#lastHover = change.hover = null;
    this.#publish(change);
    this.#predict(document.draft, since);
  }

  #predict(draft, since) {
    const prompt = promptOf(draft);
    if (!prompt) {
      this.#acceptWhenReady = false;
      this.predictor.clearDraft();
      this.#publish({ prediction: draft.mask && { key: null, candidates: [draft.mask], best: 0, isPending: false } });
      return;
    }
    const key = keyOf(prompt);
    if (this.own.prediction?.key === key) return;
    this.#acceptWhenReady = false;
    const known = this.predictor.known(prompt);
    if (known) {
      this.predictor.clearDraft();
      this.#publish({ prediction: { key, ...known, isPending: false, since } });
      return;
    }
    const { candidates = [], best = 0 } = this.own.prediction ?? {};
    this.#publish({ prediction: { key, candidates, best, isPending: true } });
    this.#awaitPrediction(key, prompt, since);
  }

  #askAgain() {
    this.#publish({ prediction: null });
    this.#predict(this.document.draft, null);
  }

  async #awaitPrediction(key, prompt, since) {
    const isCurrent = () => this.own.prediction?.key === key;
    try {
      const result = await this.predictor.forDraft(prompt);
      if (!result || !isCurrent()) return;
      this.#publish({ prediction: { key, ...result, isPending: false, since } });
      if (this.#acceptWhenReady) this.accept();
    } catch (error) {
      if (!isCurrent()) return;
      this.#publish({ prediction: { key, candidates: [], best: 0, isPending: false, error: error.message } });
      this.notices.error(error.message, { id: 'predict' });
    }
  }

  #publish(change) {
    Object.assign(this.own, change);
    if (this.#isActive) this.store.update(change);
  }
}
