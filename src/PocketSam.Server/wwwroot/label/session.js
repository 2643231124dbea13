// The work on one picture: objects that the project has acknowledged, unsaved changes, and the draft, which exists on
// this page only until it is accepted.

import { History } from '../scripts/model/history.js';
import * as documents from '../scripts/model/document.js';
import { MaskRuns } from '../scripts/model/rle.js';
import { maskColor } from '../scripts/model/palette.js';
import { Prompting } from '../scripts/prompting.js';
import { chosenMask } from '../scripts/selectors.js';
import { EMPTY_SESSION } from '../scripts/session.js';
import { isAbort, sentence } from '../scripts/service/errors.js';
import { Predictor } from '../scripts/service/predictor.js';
import { RemotePhoto } from '../scripts/service/remotephoto.js';
import { closePhoto } from '../scripts/stage/photo.js';
import { applyChanges, applyState, before, newKey, newRef } from './merge.js';

const { draft: NO_DRAFT } = documents.EMPTY_DOCUMENT;

/** The service already has the picture, so "uploading" means waiting to be encoded. */
const WAITING = Object.freeze({ phase: 'queued', position: 0 });

export class LabelSession {
  #drafts = new History(NO_DRAFT);
  #masks = new Map();
  #objects = [];
  #hidden = new Set();
  #steps = Promise.resolve();
  #proposals = [];
  #life = new AbortController();

  constructor(app, detail, photo) {
    this.app = app;
    this.store = app.store;
    this.id = detail.id;
    this.name = detail.name;
    this.photo = photo;
    this.acked = detail;
    const source = {
      register: async (_, signal) => {
        const { imageId, ...size } = await app.label.embed(this.id, signal);
        return { id: imageId, ...size };
      },
      forget: () => {}, // Keeps the picture, because others may have it open.
    };
    this.remote = new RemotePhoto(app.api, source, (connection) => this.#publish({ connection: connection.phase === 'uploading' ? WAITING : connection }));
    this.predictor = new Predictor(this.remote);
    this.prompting = new Prompting(this.predictor, {
      state: () => this.state,
      publish: (change) => this.#publish(change),
      looksCloser: () => this.store.state.lookCloser,
      cleansUp: () => this.store.state.cleanUp,
      notices: app.notices,
    });
  }

  get state() {
    return this.store.state;
  }

  get isCurrent() {
    return this.app.session === this;
  }

  /** The draft, and the objects as they are once all changes are acknowledged. */
  get document() {
    return { draft: this.#classed(this.#drafts.value), objects: this.#objects };
  }

  /** The project's objects with the unsaved changes. */
  get records() {
    return this.app.outbox.of(this.id).reduce((objects, { changes, who }) => applyChanges(objects, changes, { who }), this.acked.objects);
  }

  activate() {
    this.store.update({ ...EMPTY_SESSION, photo: this.photo, connection: WAITING, also: [] });
    this.app.filterProposals();
    this.refresh();
  }

  async open(ready = this.remote.ready()) {
    this.app.decoder.prepare().catch(() => {});
    try {
      const { id, width, height } = await ready;
      this.prompting.retry(this.#drafts.value);
      if (width === this.photo.width && height === this.photo.height) await this.#decodeHere(id);
    } catch (error) {
      if (isAbort(error) || !this.isCurrent) return;
      const action = { label: 'Try again', run: () => this.open(this.remote.reopen()) };
      this.app.notices.error(`${this.name}: ${error.message}`, { id: 'open', action });
    }
  }

  close() {
    this.#life.abort();
    this.predictor.decoded?.close();
    this.remote.close();
    closePhoto(this.photo);
  }

  /** Decodes prompts in the browser from here on, if possible. */
  async #decodeHere(id) {
    const before = this.predictor.decoded;
    const decoded = await this.app.decoder.add(id, this.photo, this.#life.signal);
    before?.close();
    if (this.#life.signal.aborted) decoded?.close();
    else this.predictor.decoded = decoded;
    if (this.state.connection.phase === 'ready') this.#publish({ connection: { phase: 'ready' } });
  }

  /** Reloads the picture's state from the project. */
  adopt(answer, ids = new Map()) {
    this.acked = { ...this.acked, ...answer };
    this.#hidden = new Set([...this.#hidden].map((id) => ids.get(id) ?? id));
    const { selected, also } = this.state;
    this.#publish({ selected: ids.get(selected) ?? selected, also: also.map((id) => ids.get(id) ?? id) });
    const { editing } = this.#drafts.value;
    if (ids.has(editing)) this.#drafts = new History({ ...this.#drafts.value, editing: ids.get(editing) });
    this.refresh();
  }

  /** Redraws objects, classes and review. */
  refresh() {
    if (!this.isCurrent) return;
    this.#objects = this.records.map((record) => this.#shown(record));
    const waiting = this.app.outbox.of(this.id);
    const { state, comment } = waiting.reduce((now, { changes }) => applyState(now, changes), this.acked);
    const ids = new Set(this.#objects.map(({ id }) => id));
    const { selected, also, picture } = this.state;
    this.#publish({
      ...this.#steppable,
      document: this.document,
      picture: { ...picture, id: this.id, name: this.name, state, comment, version: this.acked.version },
      selected: ids.has(selected) ? selected : null,
      also: also.filter((id) => ids.has(id)),
      everything: { ...this.state.everything, phase: this.#proposals.length ? 'done' : 'none', masks: this.#proposals },
    });
  }

  // The draft.

  edit(change, { tag = null, since = null } = {}) {
    this.#drafts.push(this.#draftOf(change), tag);
    this.#changed(since);
  }

  preview(document) {
    this.#drafts.preview(document.draft);
    this.#changed();
  }

  commit() {
    this.#drafts.commit();
    this.#changed();
  }

  rollback() {
    this.#drafts.rollback();
    this.#changed();
  }

  hoverAt(pixel) {
    this.prompting.hoverAt(pixel);
  }

  predictAgain() {
    this.prompting.predict(this.#drafts.value);
  }

  /**
   * Accepts the draft as an object, immediately or as soon as its mask is there. False if there is nothing to accept.
   */
  accept() {
    const { draft } = this.document;
    if (!documents.hasPrompts(draft)) return false;
    if (this.prompting.isPending) {
      this.prompting.whenReady(() => this.accept());
      return true;
    }
    const mask = chosenMask(this.state);
    if (!mask || mask.runs.isEmpty) return false;
    const how = draft.box ? 'box' : 'click';
    const score = Math.round(mask.iou * 1e4) / 1e4;
    this.#forgetDraft();
    if (draft.editing !== null && this.#objects.some(({ id }) => id === draft.editing)) this.setMask(draft.editing, mask.runs, how);
    else this.add([{ runs: mask.runs, made: how, score }], how);
    return true;
  }

  /** Turns an object into a draft again, so that further points and boxes change its mask. */
  editObject(id) {
    const object = this.#objects.find((candidate) => candidate.id === id);
    if (!object) return;
    this.#publish({ selected: id, also: [] });
    this.edit((document) => ({ ...document, draft: { ...NO_DRAFT, mask: object.mask, editing: id } }));
  }

  // Changes that are sent to the project.

  /** Adds objects with the class in use, or their own; the last one is selected. */
  add(made, how, more = []) {
    if (!made.length) return;
    const classId = this.app.classInUse?.id;
    if (classId === undefined) {
      this.app.askForClass();
      return;
    }
    const changes = made.map(({ runs, made: kind, score = null, ...own }) => ({
      op: 'add', ref: newRef(), object: { classId: own.classId ?? classId, rle: runs.encode(), attributes: own.attributes ?? {}, made: kind, score },
      ...(own.proposal === undefined ? {} : { proposal: own.proposal }),
    }));
    this.change(how, [...more, ...changes]);
    this.#publish({ selected: changes.at(-1).ref, also: [] });
  }

  setMask(id, runs, how) {
    this.change(how, runs.isEmpty ? [{ op: 'remove', id }] : [{ op: 'update', id, object: { rle: runs.encode() } }]);
  }

  change(how, changes) {
    if (!changes.length) return;
    const entry = this.app.entryFor(this.id, this.name, how, changes);
    entry.baseVersion = this.acked.version;
    entry.before = before(this.records, changes);
    entry.knownIds = this.acked.objects.map(({ id }) => id);
    this.app.outbox.add(entry);
    this.refresh();
  }

  undo() {
    if (documents.hasPrompts(this.#drafts.value) && this.#drafts.undo()) this.#changed();
    else this.#step('undo');
  }

  redo() {
    if (this.#drafts.redo()) this.#changed();
    else this.#step('redo');
  }

  setHidden(id, isHidden) {
    if (isHidden) this.#hidden.add(id);
    else this.#hidden.delete(id);
    this.refresh();
  }

  /** Masks that can be accepted, each with its `proposal`. */
  setProposals(proposals) {
    const lit = this.state.highlight?.proposal;
    this.#proposals = proposals.map((proposal, index) => {
      const runs = this.#maskOf(proposal.rle).runs;
      const color = this.app.classOf(proposal.classId)?.color ?? maskColor(index + 3);
      const isUnsure = proposal.guess != null && proposal.classId === null; // Of unsure class, to be accepted one by one.
      return {
        ...maskFrom(runs, proposal.rle, proposal.score), color, proposal: proposal.id, classId: proposal.classId, guess: proposal.guess ?? null, phrase: proposal.phrase,
        made: proposal.made ?? 'proposal', isSure: Boolean(proposal.sure) && !isUnsure,
      };
    });
    if (lit !== undefined) this.#publish({ highlight: this.#proposals.find(({ proposal }) => proposal === lit) ?? null });
    this.refresh();
  }

  get proposals() {
    return this.#proposals;
  }

  /** The number of open proposals for all pictures; undefined while a search is shown instead. */
  get openProposals() {
    return this.state.search ? undefined : this.#proposals.length;
  }

  dropProposals(gone) {
    this.#proposals = this.#proposals.filter((mask) => !gone.includes(mask));
    this.app.forgetFound(gone.map(({ proposal }) => proposal));
    this.refresh();
  }

  /** One undo or redo step of the picture's history in the project, after the unsaved changes. */
  #step(way) {
    this.#steps = this.#steps.then(() => this.#stepNow(way)).catch((error) => this.app.tell(error));
  }

  async #stepNow(way) {
    const { outbox, label, notices } = this.app;
    if (way === 'undo' && outbox.phase === 'away' && outbox.takeBack(this.id)) {
      this.refresh();
      return;
    }
    if (!(await outbox.settled(this.id))) {
      notices.info('The steps before this one wait for the database. Undo and redo work again when it is back.', { id: 'step' });
      return;
    }
    if (!(way === 'undo' ? this.acked.canUndo : this.acked.canRedo)) return;
    try {
      this.adopt(await label.step(this.id, way, this.acked.version));
      this.app.stepped(this.id, way);
    } catch (error) {
      if (error.status !== 409) throw error;
      await this.app.reload();
      if (error.problem.objects) notices.info(`${sentence(error.message)} The picture is shown as it is now.`, { id: 'step' });
    }
  }

  get #steppable() {
    const isBusy = documents.hasPrompts(this.#drafts.value);
    const waits = this.app.outbox.of(this.id).length > 0;
    return {
      canUndo: (isBusy && this.#drafts.canUndo) || waits || Boolean(this.acked.canUndo),
      canRedo: this.#drafts.canRedo || (!waits && Boolean(this.acked.canRedo)),
    };
  }

  #draftOf(change) {
    return change({ draft: this.#drafts.value, objects: this.#objects }).draft;
  }

  #forgetDraft() {
    this.#drafts = new History(NO_DRAFT);
    this.#changed();
  }

  #changed(since = null) {
    this.#publish({ document: this.document, ...this.#steppable });
    this.prompting.predict(this.#drafts.value, since);
  }

  #classed(draft) {
    const edited = this.#objects.find(({ id }) => id === draft.editing);
    const { name = '', color = maskColor(0) } = edited ?? this.app.classInUse ?? {};
    return { ...draft, name, color };
  }

  #shown(record) {
    const { name, color } = this.app.classOf(record.classId) ?? { name: '', color: '#808080' };
    return { ...record, name, color, visible: !this.#hidden.has(record.id), mask: this.#maskOf(record.rle, record.score), parts: [] };
  }

  /** Returns the same mask object for the same runs, so that it is rasterized once. */
  #maskOf(rle, score = null) {
    let mask = this.#masks.get(rle.counts);
    if (!mask) this.#masks.set(rle.counts, (mask = maskFrom(MaskRuns.decode(rle), rle, score)));
    return mask;
  }

  #publish(change) {
    if (this.isCurrent) this.store.update(change);
  }
}

function maskFrom(runs, rle, score) {
  return { runs, rle, iou: score ?? 1, stability: 1, area: runs.area, box: [runs.left, runs.top, runs.right, runs.bottom] };
}

/** The body that is sent for an entry of the outbox. */
export function bodyOf({ key, baseVersion, how, seconds, changes }) {
  return { key, baseVersion, how, seconds, changes: changes.map(({ ref, ...change }) => change) };
}

let lastOrder = 0;

/** Creates an entry, which the base version is added to before it is sent. */
export function newEntry(values) {
  lastOrder = Math.max(lastOrder + 1, Date.now() * 1000);
  return { key: newKey(), order: lastOrder, before: [], knownIds: [], ...values };
}
