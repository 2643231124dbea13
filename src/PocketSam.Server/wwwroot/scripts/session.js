// The work on one photo: its history, its copy at the service, its predictions and its search for masks. Several
// sessions may be open. The store holds the state of the active one; an inactive one keeps its own.

import { History } from './model/history.js';
import * as documents from './model/document.js';
import { ALL } from './model/filters.js';
import { mergeMasks } from './model/mask.js';
import { Prompting } from './prompting.js';
import { chosenMask } from './selectors.js';
import { isAbort } from './service/errors.js';
import { readEverything, readWords } from './service/everything.js';
import { Predictor } from './service/predictor.js';
import { RemotePhoto } from './service/remotephoto.js';
import { closePhoto } from './stage/photo.js';

/**
 * State of a search for masks: `words` is the text, or null for everything; `notFound` lists the phrases without a
 * mask.
 */
const NOTHING_FOUND = Object.freeze({
  phase: 'none', done: 0, total: 0, masks: Object.freeze([]), words: null, notFound: Object.freeze([]), problem: null,
});

/** The session's part of the page's state, without a session. */
export const EMPTY_SESSION = Object.freeze({
  photo: null,
  connection: { phase: 'idle' },
  document: documents.EMPTY_DOCUMENT,
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
});

/** Milliseconds after the last change until objects are stored. */
const PAUSE = 300;

export class Session {
  #history;
  #resting;
  #finding = null;
  #keepTimer = null;
  #life = new AbortController();
  #absorbed;

  /** `kept` is what `objectStore` has stored of the picture. */
  constructor(api, decoder, photo, picture, store, notices, objectStore, kept) {
    this.id = newKey();
    this.decoder = decoder;
    this.photo = photo;
    this.picture = picture;
    this.store = store;
    this.notices = notices;
    this.objectStore = objectStore;
    this.isExported = false;
    this.isKept = true;
    this.#absorbed = kept.records;
    this.#history = new History(documents.restored(kept.objects));
    const source = {
      register: (onProgress, signal) => api.upload(photo.blob, photo.name, onProgress, signal),
      forget: (id) => api.forget(id).catch(() => {}),
    };
    this.remote = new RemotePhoto(api, source, (connection) => this.#publish({ connection }));
    this.predictor = new Predictor(this.remote, () => this.#tellOfAnswers());
    this.prompting = new Prompting(this.predictor, {
      state: () => this.state,
      publish: (change) => this.#publish(change),
      looksCloser: () => store.state.lookCloser,
      cleansUp: () => store.state.cleanUp,
      notices,
    });
    this.#resting = { ...EMPTY_SESSION, photo, document: this.document, connection: { phase: 'uploading', fraction: 0 } };
  }

  /** Whether closing the session loses nothing: its objects are exported or stored in the browser. */
  get isSafe() {
    return this.document.objects.length === 0 || this.isExported || this.isKept;
  }

  /** The page's state while this session is active, else the session's own. */
  get state() {
    return this.#resting ?? this.store.state;
  }

  get document() {
    return this.#history.value;
  }

  activate() {
    this.store.update(this.#resting);
    this.#resting = null;
  }

  /** Deactivates the session and clears what depends on the pointer. */
  rest() {
    this.hoverAt(null);
    const state = Object.fromEntries(Object.keys(EMPTY_SESSION).map((key) => [key, this.store.state[key]]));
    this.#resting = { ...state, highlight: null, cursor: null, guide: null, grip: null };
  }

  close() {
    if (this.#keepTimer) this.#keep();
    this.#finding?.abort();
    this.#life.abort();
    this.predictor.decoded?.close();
    this.remote.close();
    closePhoto(this.photo);
  }

  /** Uploads and encodes the photo, and checks that the service and the browser agree on its size. */
  async open(ready = this.remote.ready()) {
    this.decoder.prepare().catch(() => {});
    try {
      const { id, width, height } = await ready;
      this.prompting.retry(this.document.draft);
      if (width !== this.photo.width || height !== this.photo.height) {
        this.notices.error(`The service reads ${this.photo.name} as ${width} x ${height} pixels, this browser shows it as `
          + `${this.photo.width} x ${this.photo.height}: masks may lie beside their things. Save the photo upright as JPEG `
          + 'and open that.');
      } else {
        await this.#decodeHere(id);
      }
    } catch (error) {
      if (isAbort(error)) return;
      const action = { label: 'Try again', run: () => this.open(this.remote.reopen()) };
      this.notices.error(`${this.photo.name}: ${error.message}`, { id: 'open', action });
    }
  }

  /**
   * Adds a step to the history: `change(document)` returns the next document. `since` is the time of the user's action.
   */
  edit(change, { tag = null, since = null } = {}) {
    this.#history.push(change(this.document), tag);
    this.#changed(since);
  }

  /** Previews a document during a gesture. */
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

  /** Accepts the draft, at once or as soon as its mask is there. False if there is nothing to accept. */
  accept() {
    if (!documents.hasPrompts(this.document.draft)) return false;
    if (this.prompting.isPending) {
      this.prompting.whenReady(() => this.accept());
      return true;
    }
    const mask = chosenMask(this.state);
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

  /** Previews a click on a pixel of the photo; null ends the preview. */
  hoverAt(pixel) {
    this.prompting.hoverAt(pixel);
  }

  findEverything(options) {
    return this.#find({}, (id, signal, tell) => readEverything(this.remote.api, id, options, signal, tell));
  }

  /** Searches by words; an error about the words becomes the `problem` of the search. */
  findWords(request) {
    return this.#find({ words: request.text }, (id, signal, tell) => readWords(this.remote.api, id, request, signal, tell));
  }

  async #find(about, read) {
    this.stopEverything();
    const finding = new AbortController();
    this.#finding = finding;
    const tell = (change) => this.#finding === finding
      && this.#publish({ everything: { ...this.state.everything, ...change } });
    tell({ ...NOTHING_FOUND, ...about, phase: 'running' });
    try {
      await this.remote.use((id) => read(id, finding.signal, tell), finding.signal);
      tell({ phase: 'done' });
    } catch (error) {
      const isOfWords = about.words && error.isOfWords;
      tell({ phase: 'stopped', problem: isAbort(error) ? null : error });
      if (!isAbort(error) && !isOfWords) {
        this.notices.error(`${about.words ? 'Words' : 'Everything'}: ${error.message}`, { id: 'everything' });
      }
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

  /** Lets the browser answer prompts, if it can. */
  async #decodeHere(id) {
    const decoded = await this.decoder.add(id, this.photo, this.#life.signal);
    if (this.#life.signal.aborted) decoded?.close();
    else this.predictor.decoded = decoded;
    this.#tellOfAnswers();
  }

  /** Updates the header, which shows the time of the last prediction and where it was made. */
  #tellOfAnswers() {
    if (this.state.connection.phase === 'ready') this.#publish({ connection: { phase: 'ready' } });
  }

  #changed(since = null) {
    const { value: document, canUndo, canRedo } = this.#history;
    if (document.objects !== this.state.document.objects) this.#keepSoon();
    const change = { document, canUndo, canRedo };
    if (!document.objects.some((object) => object.id === this.state.selected)) change.selected = null;
    this.#publish(change);
    this.prompting.predict(document.draft, since);
  }

  #keepSoon() {
    this.isExported = this.isKept = false;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => this.#keep(), PAUSE);
  }

  async #keep() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = null;
    const { objects } = this.document;
    try {
      await this.objectStore.save(this.picture, this.id, objects.map(documents.recordOf), this.#absorbed);
      this.#absorbed = [];
      this.isKept = objects === this.document.objects;
    } catch {
      // `isKept` stays false, so the user is asked before the objects are lost.
    }
  }

  /** Predicts the draft again after a change of the request options. */
  predictAgain() {
    this.prompting.predict(this.document.draft);
  }

  #publish(change) {
    if (this.#resting) Object.assign(this.#resting, change);
    else this.store.update(change);
  }
}

/** A random key, unique among the sessions of all tabs. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
}
