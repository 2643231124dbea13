// The state of the labelling page: the open picture, unsaved changes, and commands.

import { Decoder } from '../scripts/decoding/decoder.js';
import { element } from '../scripts/dom.js';
import * as documents from '../scripts/model/document.js';
import { ALL } from '../scripts/model/filters.js';
import { Store } from '../scripts/model/store.js';
import { shownMasks } from '../scripts/selectors.js';
import { Api } from '../scripts/service/api.js';
import { isAbort, sentence } from '../scripts/service/errors.js';
import { EMPTY_SESSION } from '../scripts/session.js';
import { decodePhoto } from '../scripts/stage/photo.js';
import { recall, remember } from '../scripts/storage.js';
import { LabelApi } from './api.js';
import { Clock } from './clock.js';
import { conflictRows, newKey, resolved } from './merge.js';
import { Outbox, OutboxStorage } from './outbox.js';
import { bodyOf, LabelSession, newEntry } from './session.js';
import { dropIslands, fillHoles, splitParts } from './shapes.js';

const SETTINGS = ['hoverPreview', 'cleanUp', 'lookCloser', 'overlay', 'theme', 'singleKeys', 'brushSize'];

/** Delay in milliseconds before counts are reloaded, so that many changes cause one request. */
const SOON = 700;

export const STATES = { todo: 'To do', done: 'Done', checked: 'Checked', rejected: 'Rejected' };

export class LabelApp {
  #opening = null;

  /** Acknowledged changes by picture id, while a picture is being opened. They are newer than the loaded picture. */
  #answers = new Map();
  #countsTimer = null;

  /** `ask` shows dialogs: `name(user)`, `conflict(…)`, `newClass()`. */
  constructor(http, notices, status, ask) {
    this.notices = notices;
    this.status = status;
    this.ask = ask;
    this.tab = newKey();
    this.labeller = recall('labeller', '');
    http.headersOf = () => ({ 'X-Tab': this.tab, ...(this.labeller ? { 'X-Labeller': encodeURIComponent(this.labeller) } : {}) });
    this.api = new Api(http);
    this.label = new LabelApi(http);
    this.decoder = new Decoder(this.api, () => this.state.info?.decoding, () => this.#loadInfo());
    this.clock = new Clock();
    this.session = null;
    this.pictureListeners = new Set();
    this.store = new Store({
      info: null,
      project: null,
      classes: [],
      currentClass: null,
      counts: null,
      picture: null,
      opening: null,
      openBy: [],
      jobs: [],
      search: null,
      saving: { phase: 'saved', count: 0, message: '', isKept: true },
      ...EMPTY_SESSION,
      also: [],
      polygon: null,
      polygonGrip: null,
      polygonTo: null,
      brushAt: null,
      brushSize: recall('brushSize', 24),
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

  get classInUse() {
    return this.classOf(this.state.currentClass) ?? this.state.classes[0] ?? null;
  }

  classOf(id) {
    return this.state.classes.find((candidate) => candidate.id === id) ?? null;
  }

  get selectedObjects() {
    const { selected, also, document } = this.state;
    return document.objects.filter(({ id }) => id === selected || also.includes(id));
  }

  announce(text) {
    this.status.replaceChildren(element('span', {}, text));
  }

  /** Shows an error, unless it is a deliberate cancellation. */
  tell(error, id = 'label') {
    if (isAbort(error)) return;
    if (!error?.message) throw error;
    this.notices.error(error.message, { id });
  }

  /** Loads the project, then the unsaved changes of an earlier page. */
  async start() {
    const project = await this.label.project();
    if (!this.labeller) await this.rename(project.user);
    this.#setProject(project);
    this.outbox = new Outbox(new OutboxStorage(`${project.folder}`, this.tab), (entry) => this.label.change(entry.pictureId, bodyOf(entry)), {
      acknowledged: (entry, answer, ids) => this.#acknowledged(entry, answer, ids),
      conflict: (pictureId, problem) => this.decide(pictureId, problem),
      refused: (entry, error) => this.#refused(entry, error),
      changed: (saving) => this.store.update({ saving }),
    });
    await this.outbox.load();
  }

  /** Loads the properties of the model; without them, the service answers all prompts. */
  async #loadInfo() {
    try {
      this.store.update({ info: await this.api.info() });
    } catch {
      // Loading is retried with the next picture.
    }
  }

  /** Asks for the labeller's name, which is sent with every change. */
  async rename(proposed = this.labeller) {
    const name = (await this.ask.name(proposed))?.trim();
    if (!name && this.labeller) return;
    this.labeller = name || proposed || 'someone';
    remember('labeller', this.labeller);
    if (this.state.project) this.#setProject(this.state.project);
  }

  async refreshProject() {
    try {
      this.#setProject(await this.label.project());
      this.session?.refresh();
    } catch {
      // The next change shows the dialog again.
    }
  }

  refreshCountsSoon() {
    this.#countsTimer ??= setTimeout(() => {
      this.#countsTimer = null;
      this.refreshProject();
    }, SOON);
  }

  /** Opens a picture; `index` is its index in the list, if known. */
  async openPicture(id, index = null) {
    this.#opening?.abort();
    const opening = (this.#opening = new AbortController());
    const { signal } = opening;
    this.store.update({ opening: id });
    this.#answers.clear();
    const isCurrent = () => this.#opening === opening;
    try {
      const [detail, blob] = await Promise.all([this.label.picture(id, signal), this.label.image(id, signal)]);
      const photo = await decodePhoto(blob, detail.name);
      if (!isCurrent()) return;
      this.notices.dismiss('open');
      const newer = this.#answers.get(detail.id);
      this.#show(new LabelSession(this, newer?.version > detail.version ? { ...detail, ...newer } : detail, photo), index);
      this.announce(`${detail.name} opened, ${detail.objects.length} objects.`);
      this.session.open();
      this.loadProposals();
    } catch (error) {
      if (isCurrent()) this.tell(error, 'open');
    } finally {
      if (isCurrent()) this.store.update({ opening: null });
    }
  }

  /** Reloads the open picture from the project. */
  async reload() {
    const { session } = this;
    if (!session) return;
    const detail = await this.label.picture(session.id);
    if (session === this.session) session.adopt(detail);
    this.told({ kind: 'picture', id: session.id });
  }

  /** Opens the next picture in a state, after the open one. */
  async nextPicture(state) {
    try {
      const query = { state, ...this.filterQuery() };
      if (this.session) query.after = this.session.id;
      const { id, index } = await this.label.next(query);
      if (id === this.session?.id) this.notices.info(`There is no other picture ${state ? `that is “${STATES[state].toLowerCase()}”` : ''}.`, { id: 'next' });
      else await this.openPicture(id, state ? null : index);
    } catch (error) {
      if (error.status === 404) this.notices.info(state === 'todo' ? 'Nothing is left to do in this list.' : 'There is no such picture.', { id: 'next' });
      else this.tell(error, 'next');
    }
  }

  /** The filter of the list of pictures, as query parameters; set by the list. */
  filterQuery = () => ({});

  // The draft: the object in work.

  setTool(tool) {
    if (tool !== 'polygon') this.polygonTool?.cancel();
    this.store.update({ tool, guide: null, hover: null, highlight: null, brushAt: null });
    this.session?.hoverAt(null);
  }

  pick(thing, isJoined) {
    const { selected, also } = this.state;
    if (thing?.mask) return this.takeProposals([thing.mask]);
    const id = thing?.object?.id ?? null;
    if (!isJoined || id === null || selected === null) return this.store.update({ selected: id, also: [] });
    if (id === selected) return this.store.update({ selected: also.at(-1) ?? null, also: also.slice(0, -1) });
    return this.store.update({ also: also.includes(id) ? also.filter((other) => other !== id) : [...also, id] });
  }

  accept() {
    if (this.polygonTool.accept() || !this.session?.accept()) return;
    this.notices.dismiss('predict');
    this.announce('Accepted.');
  }

  clear() {
    this.session?.edit(documents.clearDraft);
  }

  undo() {
    if (!this.polygonTool.undo()) this.session?.undo();
  }

  redo() {
    this.session?.redo();
  }

  stepped(id, way) {
    this.announce(way === 'undo' ? 'Undone.' : 'Redone.');
    this.told({ kind: 'picture', id });
    this.loadProposals();
    this.refreshCountsSoon();
  }

  cycle(direction) {
    const { prediction, document } = this.state;
    if (!prediction || prediction.candidates.length < 2) return;
    const now = document.draft.choice ?? prediction.best;
    this.choose(Math.min(prediction.candidates.length - 1, Math.max(0, now + direction)));
  }

  choose(index) {
    this.session.edit((document) => documents.choose(document, index));
    this.announce(`Candidate ${index + 1}.`);
  }

  setCleanUp(cleanUp) {
    this.store.update({ cleanUp });
    this.session?.predictAgain();
  }

  setLookCloser(lookCloser) {
    this.store.update({ lookCloser });
    this.session?.predictAgain();
  }

  setOverlay(change) {
    this.store.update({ overlay: { ...this.state.overlay, ...change } });
  }

  // Objects.

  select(step) {
    const { objects } = this.state.document;
    if (!objects.length) return;
    const at = objects.findIndex(({ id }) => id === this.state.selected);
    const next = objects[(at < 0 ? (step > 0 ? 0 : objects.length - 1) : at + step + objects.length) % objects.length];
    this.store.update({ selected: next.id, also: [] });
    this.announce(`${documents.titleOf(this.state.document, next)} selected.`);
  }

  deleteSelected() {
    if (this.polygonTool.removePoint()) return;
    const gone = this.selectedObjects;
    if (!gone.length) return;
    this.session.change('delete', gone.map(({ id }) => ({ op: 'remove', id })));
    this.announce(`${gone.length === 1 ? 'An object' : `${gone.length} objects`} deleted.`);
  }

  /** Sets the class in use. It is also given to the selected objects, unless there is a draft. */
  useClass(id) {
    const { document } = this.state;
    this.store.update({ currentClass: id });
    const others = documents.hasPrompts(document.draft) ? [] : this.selectedObjects.filter(({ classId }) => classId !== id);
    this.session?.change('class', others.map((object) => ({ op: 'update', id: object.id, object: { classId: id } })));
    this.session?.refresh();
    this.announce(this.classOf(id)?.name ?? '');
  }

  useClassKey(key) {
    const found = this.state.classes.find((candidate) => candidate.key === key);
    if (found) this.useClass(found.id);
  }

  /** Sets the class of one object. */
  classify(id, classId) {
    this.session.change('class', [{ op: 'update', id, object: { classId } }]);
  }

  async askForClass() {
    await this.ask.newClass();
    if (this.classInUse) this.notices.info('The class is there: accept the object again.', { id: 'class' });
  }

  fillHoles() {
    this.#reshape('fill-holes', fillHoles, 'Holes filled.');
  }

  dropIslands() {
    this.#reshape('drop-islands', dropIslands, 'Islands dropped.');
  }

  #reshape(how, change, said) {
    const changes = this.selectedObjects.flatMap(({ id, mask }) => {
      const runs = change(mask.runs);
      return runs.equals(mask.runs) ? [] : [{ op: 'update', id, object: { rle: runs.encode() } }];
    });
    if (!this.#isAnySelected()) return;
    this.session.change(how, changes);
    this.announce(changes.length ? said : 'Nothing to change.');
  }

  /** Splits the selected object into its connected parts. */
  split() {
    if (!this.#isAnySelected()) return;
    const [object] = this.selectedObjects;
    const [first, ...rest] = splitParts(object.mask.runs);
    if (!rest.length) {
      this.notices.info('The object has one part only.', { id: 'shape' });
      return;
    }
    const made = rest.map((runs) => ({ runs, made: 'edit', classId: object.classId, attributes: object.attributes }));
    this.session.add(made, 'split', [{ op: 'update', id: object.id, object: { rle: first.encode() } }]);
    this.announce(`Split into ${rest.length + 1} objects.`);
  }

  /** Merges the selected objects into the one that was selected first. */
  merge() {
    const { selected } = this.state;
    const objects = this.selectedObjects;
    if (objects.length < 2) {
      this.notices.info('Select two objects or more: with Shift in the list, or with the tool that picks.', { id: 'shape' });
      return;
    }
    const runs = objects.map(({ mask }) => mask.runs).reduce((one, other) => one.union(other));
    const gone = objects.filter(({ id }) => id !== selected);
    this.session.change('merge-objects', [
      { op: 'update', id: selected, object: { rle: runs.encode() } },
      ...gone.map(({ id }) => ({ op: 'remove', id }))]);
    this.announce(`${objects.length} objects merged.`);
  }

  editOutline() {
    if (!this.#isAnySelected()) return;
    this.setTool('polygon');
    this.polygonTool.edit(this.selectedObjects[0]);
    this.announce('Outline in work: drag points, Enter saves.');
  }

  /** Copies the selected objects, or all, to the next picture of the list, which is opened. */
  async copyToNext() {
    const { document } = this.state;
    const objects = this.selectedObjects.length ? this.selectedObjects : document.objects;
    if (!objects.length) return;
    const from = this.session.photo;
    const last = this.session;
    await this.list.open(1);
    if (this.session === last) return;
    const { photo } = this.session;
    if (photo.width !== from.width || photo.height !== from.height) {
      this.notices.error(`${this.session.name} has ${photo.width} × ${photo.height} pixels, ${last.name} ${from.width} × ${from.height}: nothing was copied.`, { id: 'copy' });
      return;
    }
    this.session.add(objects.map(({ mask, classId, attributes }) => ({ runs: mask.runs, classId, attributes, made: 'copy' })), 'copy');
    this.announce(`${objects.length} objects copied.`);
  }

  zoomToSelected() {
    const boxes = this.selectedObjects.map(({ mask }) => mask.box);
    if (!boxes.length) return;
    const least = (side) => Math.min(...boxes.map((box) => box[side]));
    const most = (side) => Math.max(...boxes.map((box) => box[side]));
    this.navigation.show([least(0), least(1), most(2), most(3)]);
  }

  #isAnySelected() {
    if (this.selectedObjects.length) return true;
    this.notices.info('Select an object first: A and D, the list, or the tool that picks (V).', { id: 'shape' });
    return false;
  }

  // Review.

  setReview(state, comment = this.state.picture?.comment ?? '') {
    const { picture } = this.state;
    if (!this.session || (picture.state === state && (picture.comment ?? '') === comment)) return;
    this.session.accept();
    this.session.change('review', [{ op: 'state', state, comment }]);
    this.announce(`${STATES[state]}.`);
  }

  async doneAndNext() {
    if (!this.session) return;
    this.setReview('done');
    await this.nextPicture('todo');
  }

  // Proposals.

  async loadProposals() {
    const { session } = this;
    if (!session) return;
    try {
      const source = this.state.search?.source;
      const { proposals } = await this.label.proposals(session.id, source);
      const { search } = this.state;
      if (session !== this.session || search?.source !== source) return;
      if (!search) {
        session.setProposals(proposals);
        return;
      }
      const found = this.foundProposals(proposals);
      const others = search.found.filter(({ pictureId }) => pictureId !== session.id);
      this.store.update({
        search: { ...search, found: [...others, ...found.map(({ id, score, classId, phrase }) => ({ pictureId: session.id, proposalId: id, score, classId, phrase }))] },
      });
      session.setProposals(found);
    } catch (error) {
      if (error.status !== 404) this.tell(error, 'proposals');
    }
  }

  /** Proposals of a search, with their phrase, class and score. */
  foundProposals(proposals) {
    const { source, phrases } = this.state.search;
    return proposals.map((proposal) => {
      const phrase = phrases.get(proposal.id);
      return { ...proposal, phrase, classId: this.classIdOf({ ...proposal, phrase }), guess: phrase ? proposal.score : null, made: source };
    });
  }

  /** The class of a proposal: its own if it exists, otherwise the one with the name of its phrase. */
  classIdOf({ classId, phrase }) {
    const named = phrase && this.state.classes.find(({ name }) => name.toLowerCase() === phrase.toLowerCase());
    return (this.classOf(classId) ?? named)?.id ?? null;
  }

  /** Removes accepted or dismissed proposals from the search. */
  forgetFound(ids) {
    const { search } = this.state;
    if (search) this.store.update({ search: { ...search, found: search.found.filter(({ proposalId }) => !ids.includes(proposalId)) } });
  }

  get shownProposals() {
    return shownMasks(this.state);
  }

  /** The proposal that keys act on. */
  get proposalInTurn() {
    const shown = this.shownProposals;
    return shown.find((mask) => mask === this.state.highlight) ?? shown.at(-1) ?? null;
  }

  /** The guess that is shown with a proposal: a class name, "unsure", or an empty text without a guess. */
  guessOf({ classId, guess, phrase }) {
    return this.classOf(classId)?.name ?? phrase ?? (guess === null ? '' : 'unsure');
  }

  stepProposal(step) {
    const shown = this.shownProposals;
    if (!shown.length) return;
    const at = shown.indexOf(this.state.highlight);
    const place = (at < 0 ? shown.length - 1 : at + step + shown.length) % shown.length;
    this.store.update({ highlight: shown[place] });
    this.announce([`Proposal ${shown.length - place} of ${shown.length}`, this.guessOf(shown[place])].filter(Boolean).join(', '));
  }

  takeProposals(masks) {
    if (!masks.length || !this.session) return;
    if (!this.classInUse) {
      this.askForClass();
      return;
    }
    const shown = this.shownProposals;
    const next = shown[shown.indexOf(masks[0]) - 1] ?? null;
    this.session.dropProposals(masks);
    this.session.add(masks.map(({ runs, iou, classId, made, proposal }) => ({
      runs, score: Math.round(iou * 1e4) / 1e4, classId: classId ?? this.classInUse?.id, made, proposal,
    })), masks[0].made);
    this.store.update({ highlight: this.shownProposals.includes(next) ? next : null });
    this.announce(`${masks.length} accepted, ${this.session.proposals.length} left.`);
  }

  async dismissProposal(mask) {
    if (!mask || !this.session) return;
    const { session } = this;
    this.stepProposal(-1);
    session.dropProposals([mask]);
    this.announce(`Dismissed, ${session.proposals.length} left.`);
    await this.label.dismiss(session.id, mask.proposal).catch((error) => this.tell(error, 'proposals'));
  }

  /** Hides proposals below a score. The score of a search applies to all pictures. */
  filterProposals(least = this.state.search?.least ?? 0) {
    const { search } = this.state;
    if (search) this.store.update({ search: { ...search, least } });
    this.store.update({ filters: least > 0 ? { ...ALL, iou: least } : ALL });
  }

  // Events from other pages.

  entryFor(pictureId, name, how, changes) {
    return newEntry({ pictureId, name, tab: this.tab, who: this.labeller, how, seconds: this.clock.take(), changes });
  }

  /** Passes an event to the lists of pictures. */
  told(event) {
    for (const listener of this.pictureListeners) listener(event);
  }

  /** Another person has changed the picture: shows both versions, and asks the user to decide. */
  async decide(pictureId, problem) {
    const entries = this.outbox.of(pictureId);
    const rows = conflictRows(entries, problem.objects);
    const wanted = entries.flatMap(({ changes }) => changes).findLast(({ op }) => op === 'state');
    const review = wanted && wanted.state !== problem.state ? wanted : null;
    if (rows.length || review) {
      const photo = this.session?.id === pictureId ? this.session.photo : await this.thumbnailOf(pictureId);
      const choice = await this.ask.conflict({ app: this, name: entries[0]?.name, problem, rows, review, photo });
      if (!choice) {
        this.undecided = () => this.decide(pictureId, problem);
        return;
      }
      this.undecided = null;
      const changes = resolved(choice.rows);
      if (choice.keepsReview) changes.push(review);
      this.#adoptIfOpen(pictureId, problem);
      const entry = changes.length ? this.entryFor(pictureId, entries[0].name, 'merge', changes) : null;
      this.outbox.replace(pictureId, entry && {
        ...entry,
        baseVersion: problem.version,
        before: problem.objects.filter(({ id }) => changes.some((change) => change.id === id)),
        knownIds: problem.objects.map(({ id }) => id),
      });
    } else {
      this.#adoptIfOpen(pictureId, problem);
      this.outbox.replace(pictureId, null);
    }
    if (this.session?.id === pictureId) await this.reload().catch(() => this.session.refresh());
  }

  #adoptIfOpen(pictureId, { version, objects, state, comment }) {
    const { session } = this;
    if (session?.id !== pictureId) return;
    session.acked = { ...session.acked, version, objects, ...(state ? { state, comment } : {}) };
  }

  /** A thumbnail to draw masks on; null if it cannot be loaded. */
  async thumbnailOf(pictureId) {
    try {
      const [detail, blob] = await Promise.all([this.label.picture(pictureId), this.label.thumbnail(pictureId)]);
      return { ...(await decodePhoto(blob, detail.name)), width: detail.width, height: detail.height };
    } catch {
      return null; // The masks can be compared without it.
    }
  }

  #acknowledged(entry, answer, ids) {
    if (this.state.opening !== null) this.#answers.set(entry.pictureId, answer);
    if (this.session?.id === entry.pictureId) this.session.adopt(answer, ids);
    this.told({ kind: 'picture', id: entry.pictureId, answer, proposals: this.session?.id === entry.pictureId ? this.session.openProposals : undefined });
    this.refreshCountsSoon();
  }

  #refused(entry, error) {
    this.notices.error(`${entry.name}: ${sentence(error.message)} This change (${entry.how}) was taken back.`, { id: entry.key });
    if (this.session?.id === entry.pictureId) this.reload().catch((problem) => this.tell(problem));
  }

  #setProject(project) {
    const { classes, counts } = project;
    const currentClass = classes.some(({ id }) => id === this.state.currentClass) ? this.state.currentClass : classes[0]?.id ?? null;
    const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
    this.store.update({
      project: { ...project, labeller: this.labeller },
      counts: same(counts, this.state.counts) ? this.state.counts : counts,
      classes: same(classes, this.state.classes) ? this.state.classes : classes,
      currentClass,
    });
    const { info } = this.state;
    if (info && info.fingerprint !== project.model.fingerprint) this.#loadInfo(); // The new model may have other words.
  }

  #show(session, index) {
    this.polygonTool?.cancel();
    const last = this.session;
    last?.hoverAt(null);
    this.session = session;
    if (last) {
      last.close();
      if (last.id !== session.id) this.label.close(last.id).catch(() => {});
    }
    this.clock.take();
    this.store.update({ picture: { id: session.id, index }, openBy: [] });
    session.activate();
    remember('picture', session.id);
  }
}
