// The page's state, its open photos and its commands.

import { element } from './dom.js';
import * as documents from './model/document.js';
import { fingerprint } from './model/fingerprint.js';
import { SPECK } from './model/prompts.js';
import { Store } from './model/store.js';
import { chosenMask, shownMasks } from './selectors.js';
import { Decoder } from './decoding/decoder.js';
import { Api } from './service/api.js';
import { Http } from './service/http.js';
import { ObjectStore } from './objectstore.js';
import { closePhoto, decodePhoto } from './stage/photo.js';
import { recall, remember } from './storage.js';
import { EMPTY_SESSION, Session } from './session.js';

/** Largest number of open photos. Each keeps its pixels and everything made of it in memory. */
const MOST_PHOTOS = 4;

const SETTINGS = ['hoverPreview', 'cleanUp', 'lookCloser', 'overlay', 'theme', 'singleKeys'];

export class App {
  #openings = 0;

  /** `requestKey` and `confirmDrop` ask the user. */
  constructor(notices, status, { requestKey, confirmDrop }) {
    this.notices = notices;
    this.status = status;
    this.api = new Api(new Http(requestKey));
    this.decoder = new Decoder(this.api, () => this.state.info?.decoding, () => this.loadInfo());
    this.confirmDrop = confirmDrop;
    this.objectStore = new ObjectStore();

    /** The open sessions, most recently used first; the first one is active. */
    this.sessions = [];
    this.store = new Store({
      info: null,
      ...EMPTY_SESSION,
      photos: [],
      stage: { width: 0, height: 0, ratio: 1 },
      pointer: null,
      isPanning: false,
      tool: 'include',
      hoverPreview: recall('hoverPreview', true),
      cleanUp: recall('cleanUp', true),
      lookCloser: recall('lookCloser', false),
      overlay: { opacity: 0.45, outlines: false, ...recall('overlay', {}), isVisible: true },
      theme: recall('theme', 'auto'),
      singleKeys: recall('singleKeys', true),
    });
    for (const name of SETTINGS) this.store.watch([name], (state) => remember(name, state[name]));
  }

  get state() {
    return this.store.state;
  }

  /** The active session, or null. */
  get session() {
    return this.sessions[0] ?? null;
  }

  /** Whether the page can close without losing objects. */
  get isSafe() {
    return this.sessions.every((session) => session.isSafe);
  }

  /** Announces a text to screen readers. */
  announce(text) {
    this.status.replaceChildren(element('span', {}, text));
  }

  async loadInfo() {
    try {
      this.store.update({ info: await this.api.info() });
    } catch {
      // The info is optional; uploading retries the service anyway.
    }
  }

  /** Opens a photo. The previous one stays open with everything made of it. */
  async open(blob, name) {
    const opening = ++this.#openings;
    const isCurrent = () => opening === this.#openings;
    const fail = (message) => isCurrent() && this.notices.error(message, { id: 'open' });
    const limit = this.state.info?.limits?.max_bytes;
    if (limit && blob.size > limit) {
      const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
      fail(`${name} has ${megabytes(blob.size)} MB; the service takes at most ${megabytes(limit)} MB.`);
      return;
    }
    let picture;
    try {
      picture = fingerprint(new Uint8Array(await blob.arrayBuffer()));
    } catch {
      fail(`${name} cannot be read. Is it still where it was?`);
      return;
    }
    if (!isCurrent()) return;
    const open = this.sessions.find((session) => session.picture === picture);
    if (open) {
      this.#show(open);
      return;
    }
    let photo;
    try {
      photo = await decodePhoto(blob, name);
    } catch (error) {
      fail(error.message);
      return;
    }
    const pixels = this.state.info?.limits?.max_pixels;
    if (pixels && photo.width * photo.height > pixels) {
      closePhoto(photo);
      fail(`${name} has ${photo.width} x ${photo.height} pixels; the service takes at most ${(pixels / 1e6).toFixed(0)} megapixels.`);
      return;
    }
    const kept = await this.objectStore.load(picture);
    if (!(await this.#makeRoom(isCurrent))) {
      closePhoto(photo);
      return;
    }
    this.notices.dismiss('open');
    const last = this.session;
    this.#show(new Session(this.api, this.decoder, photo, picture, this.store, this.notices, this.objectStore, kept));
    this.announce(`${name} opened, ${photo.width} by ${photo.height} pixels.`);
    if (last?.document.objects.length) {
      this.notices.info(`${last.photo.name} is still here with its objects.`, {
        id: 'earlier',
        action: { label: `Back to ${last.photo.name}`, run: () => this.switchTo(last.id) },
      });
    }
    if (kept.objects.length) this.#tellOfKept(this.session);
    await this.session.open();
  }

  /** Switches to another open photo. */
  switchTo(id) {
    const session = this.sessions.find((candidate) => candidate.id === id);
    if (session && session !== this.session) this.#show(session);
  }

  async openSample({ name, url }) {
    const opening = ++this.#openings;
    let blob;
    try {
      blob = await this.api.sample(url);
    } catch (error) {
      if (opening === this.#openings) this.notices.error(`${name}: ${error.message}`, { id: 'open' });
      return;
    }
    if (opening === this.#openings) await this.open(blob, url.split('/').pop() || name);
  }

  /**
   * Closes the least recently used photo if as many as allowed are open. Returns false if the user keeps its objects,
   * or if another photo is opened in the meantime.
   */
  async #makeRoom(isCurrent) {
    if (!isCurrent()) return false;
    if (this.sessions.length < MOST_PHOTOS) return true;
    const oldest = this.sessions.at(-1);
    if (!oldest.isSafe && !(await this.confirmDrop(oldest.photo.name, oldest.document.objects.length))) return false;
    if (!isCurrent()) return false;
    this.sessions = this.sessions.filter((session) => session !== oldest);
    oldest.close();
    return true;
  }

  #tellOfKept(session) {
    const kept = session.document.objects.map(({ id }) => id);
    const count = kept.length;
    const remove = () => session.edit((document) => documents.removeObjects(document, kept));
    this.notices.info(`${count === 1 ? 'An object' : `${count} objects`} of ${session.photo.name} ${count === 1 ? 'is' : 'are'} here from before.`, {
      id: 'kept',
      action: { label: count === 1 ? 'Remove it' : 'Remove them', run: remove },
    });
  }

  #show(session) {
    if (session === this.session) return;
    this.session?.rest();
    this.sessions = [session, ...this.sessions.filter((other) => other !== session)];
    session.activate();
    this.store.update({ photos: this.sessions.map(({ id, photo }) => ({ id, name: photo.name })) });
  }

  /** Sets whether specks are removed from masks. */
  setCleanUp(cleanUp) {
    this.store.update({ cleanUp });
    this.session?.predictAgain();
  }

  /** Sets whether each object is looked at again, closer. */
  setLookCloser(lookCloser) {
    this.store.update({ lookCloser });
    this.session?.predictAgain();
  }

  /**
   * Picks what is under the pointer: { mask } of a search becomes an object or is joined to the selected one, { object
   * } is selected, nothing clears the selection.
   */
  pick(thing, isJoined) {
    const { selected } = this.state;
    if (thing?.mask && isJoined && selected !== null) this.session.joinTo(selected, thing.mask);
    else if (thing?.mask) this.session.take(thing.mask);
    else this.store.update({ selected: thing?.object?.id ?? null });
  }

  setTool(tool) {
    this.store.update({ tool, guide: null, hover: null, highlight: null });
    this.session?.hoverAt(null);
  }

  accept() {
    if (!this.session?.accept()) return;
    this.notices.dismiss('predict');
    const object = this.session.document.objects.at(-1);
    if (object) this.announce(`${documents.titleOf(this.session.document, object)} accepted. ${this.session.document.objects.length} objects.`);
  }

  clear() {
    this.session?.edit(documents.clearDraft);
  }

  undo() {
    if (this.session?.undo()) this.announce('Undone.');
  }

  redo() {
    if (this.session?.redo()) this.announce('Redone.');
  }

  /** Chooses the next smaller (-1) or larger (1) candidate. */
  cycle(direction) {
    const { prediction, document } = this.state;
    if (!this.session || !prediction || prediction.candidates.length < 2) return;
    const now = document.draft.choice ?? prediction.best;
    const next = Math.min(prediction.candidates.length - 1, Math.max(0, now + direction));
    this.choose(next);
  }

  choose(index) {
    this.session.edit((document) => documents.choose(document, index));
    const mask = this.state.prediction.candidates[index];
    this.announce(`Candidate ${index + 1}, predicted IoU ${mask.iou.toFixed(2)}.`);
  }

  select(step) {
    const { objects } = this.state.document;
    if (!objects.length) return;
    const at = objects.findIndex((object) => object.id === this.state.selected);
    const next = objects[(at < 0 ? (step > 0 ? 0 : objects.length - 1) : at + step + objects.length) % objects.length];
    this.store.update({ selected: next.id });
    this.announce(`${documents.titleOf(this.state.document, next)} selected.`);
  }

  deleteSelected() {
    const { selected, document } = this.state;
    if (selected === null) return;
    const object = document.objects.find(({ id }) => id === selected);
    this.session.edit((value) => documents.removeObject(value, selected));
    this.announce(`${documents.titleOf(document, object)} deleted.`);
  }

  /** Gives the `index`-th name in use to the selected object, or else to the draft. */
  applyName(index) {
    const { document, selected } = this.state;
    const name = documents.namesOf(document)[index];
    if (!name || !this.session) return;
    if (selected !== null && !documents.hasPrompts(document.draft)) {
      const { color } = document.objects.find((object) => object.name === name);
      this.session.edit((value) => documents.changeObject(value, selected, { name, color }));
    } else {
      this.session.edit((value) => documents.nameDraft(value, name));
    }
    this.announce(name);
  }

  toggleEverything(options) {
    if (this.state.everything.phase === 'running') {
      this.session.stopEverything();
      this.announce('Stopped.');
    } else if (this.session) {
      this.setTool('pick');
      this.session.findEverything(this.#cleaned(options));
    }
  }

  /** Finds the objects that a text names, or stops the running search. */
  toggleWords(text) {
    if (this.state.everything.phase === 'running') {
      this.session.stopEverything();
    } else if (this.session && text.trim()) {
      this.setTool('pick');
      this.session.findWords(this.#cleaned({ text }));
    }
  }

  #cleaned(options) {
    return this.state.cleanUp ? { ...options, min_region: SPECK } : options;
  }

  takeShown() {
    const masks = shownMasks(this.state);
    if (!masks.length) return;
    this.session.takeAll(masks);
    this.announce(`${masks.length} objects taken.`);
  }

  setOverlay(change) {
    this.store.update({ overlay: { ...this.state.overlay, ...change } });
  }

  /** The objects to export: the visible ones, or else the draft. */
  exportable() {
    const { document } = this.state;
    const objects = document.objects.filter((object) => object.visible);
    if (objects.length) return objects.map((object) => ({ ...object, title: documents.titleOf(document, object) }));
    const mask = chosenMask(this.state);
    if (!mask || mask.runs.isEmpty) return [];
    const name = document.draft.name.trim();
    return [{ name, title: name || 'Object 1', color: documents.draftColor(document), mask }];
  }
}
