// The labelling page's state and what may be done to it.

import { Store } from '../scripts/model/store.js';
import { recall, remember } from '../scripts/storage.js';
import { RequestQueue } from '../scripts/service/requestqueue.js';
import { pixelAt } from '../scripts/model/prompts.js';
import { Outbox } from './outbox.js';
import { applied, asAdditions, isTemporary, temporaryId } from './changes.js';
import { addAll, dropIslands, fillHoles, fillPolygon, isEmpty } from './pixels.js';
import { decodeMask, drawable, emptyBitmap, encodeMask } from './rle.js';

const HEARTBEAT = 20_000;
const LONGEST_THOUGHT = 120;

/** From which cosine on another mask is of the same kind. */
const SIMILAR = 0.7;

export const EMPTY_DRAFT = Object.freeze({ points: [], box: null, mask: null, score: null, isBusy: false });
export const STATES = ['todo', 'done', 'checked', 'rejected'];
export const STATE_WORDS = { todo: 'To do', done: 'Done', checked: 'Checked', rejected: 'Rejected' };

export class App {
  #base = null;
  #opening = new AbortController();
  #predictions = new RequestQueue();
  #embedding = null;
  #drawables = new Map();
  #names = new Map();
  #since = performance.now();

  constructor(client, notices, { announce, resolveConflict }) {
    this.client = client;
    this.notices = notices;
    this.announce = announce;
    this.resolveConflict = resolveConflict;
    this.store = new Store({
      project: null, classes: [], picture: null, index: -1, photo: null, view: null, stage: { width: 0, height: 0, ratio: 1 },
      tool: 'point', brush: recall('label.brush', 12), draft: EMPTY_DRAFT, polygon: [], paint: null, pointer: null,
      selected: [], activeClass: recall('label.class', null), saved: 'saved', isPanning: false, isHidden: false,
      filter: { search: '', state: '' }, theme: recall('theme', 'auto'),
      singleKeys: recall('singleKeys', true),
    });
  }

  get state() {
    return this.store.state;
  }

  async start() {
    await this.refreshProject();
    const { project } = this.state;
    this.outbox = new Outbox(this.client, `${project.folder ?? ''}/${project.name}`, {
      answered: (entry, answer, names) => this.#answered(entry, answer, names),
      refused: (entry, error) => {
        this.notices.error(`The change was not taken: ${error.message}`);
        if (this.#base?.id === entry.pictureId) this.reload();
      },
      conflict: (entry, theirs) => this.#conflict(entry, theirs),
      state: (saved) => this.store.update({ saved }),
    });
    await this.outbox.open();
    this.outbox.kick();
    addEventListener('pagehide', () => this.state.picture && this.client.close(this.state.picture.id).catch(() => {}));
    setInterval(() => this.state.picture && this.client.open(this.state.picture.id).catch(() => {}), HEARTBEAT);
  }

  async refreshProject() {
    const project = await this.client.project();
    const { activeClass } = this.state;
    const known = project.classes.some(({ id }) => id === activeClass);
    this.store.update({ project, classes: project.classes, activeClass: known ? activeClass : project.classes[0]?.id ?? null });
  }

  /** The picture of that id; `index` is its place in the list where that is known. */
  async open(id, index = -1) {
    this.#opening.abort();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    const { picture: before } = this.state;
    if (before && before.id !== id) this.client.close(before.id).catch(() => {});
    this.#predictions.clear();
    try {
      const [record, blob] = await Promise.all([this.client.picture(id, signal), this.client.image(id, signal)]);
      const bitmap = await createImageBitmap(blob);
      if (signal.aborted) return;
      this.#drawables.clear();
      this.#base = record;
      this.#since = performance.now();
      const photo = { bitmap, width: record.width || bitmap.width, height: record.height || bitmap.height };
      this.store.update({ photo, view: null, index, draft: EMPTY_DRAFT, polygon: [], paint: null, selected: [] });
      this.#compose();
      this.#embedding = record.imageId ? Promise.resolve(record.imageId) : null;
      document.body.classList.add('has-photo');
      remember('label.open', { id, index });
      this.client.open(id).catch(() => {});
      this.#embed().catch(() => {});
    } catch (error) {
      if (!signal.aborted) this.notices.error(`The picture did not open: ${error.message}`, { id: 'open' });
    }
  }

  /** What the server has of the open picture, with what waits on top. */
  async reload() {
    const { picture } = this.state;
    if (!picture) return;
    const record = await this.client.picture(picture.id);
    if (this.#base?.id !== record.id) return;
    this.#base = record;
    this.#compose();
  }

  /** Another person's change comes in at once, unless a change of one's own is on its way, which then meets it. */
  async changedElsewhere({ id, version }) {
    const { picture } = this.state;
    if (picture?.id !== id || this.#base.version === version || this.outbox.of(id).length) return;
    await this.reload().catch(() => {});
  }

  drawableOf({ rle }) {
    const key = `${rle.size}${rle.counts}`;
    let made = this.#drawables.get(key);
    if (!made) this.#drawables.set(key, (made = drawable(rle)));
    return made;
  }

  colorOf({ classId }) {
    return this.state.classes.find(({ id }) => id === classId)?.color ?? '#888888';
  }

  nameOf({ classId }) {
    return this.state.classes.find(({ id }) => id === classId)?.name ?? 'no class';
  }

  get chosen() {
    const { picture, selected } = this.state;
    return picture ? selected.map((id) => picture.objects.find((object) => object.id === id)).filter(Boolean) : [];
  }

  /** Takes changes at once, keeps them, and sends them. */
  commit(how, changes) {
    const { picture } = this.state;
    if (!picture || !changes.length) return;
    if (this.state.project.readOnly) {
      this.notices.error('This project is open for reading only.', { id: 'read-only' });
      return;
    }
    const now = performance.now();
    const seconds = Math.min(LONGEST_THOUGHT, (now - this.#since) / 1000);
    this.#since = now;
    this.outbox.add({
      pictureId: picture.id, baseVersion: this.#base.version, before: this.#base.objects.map(({ id }) => id),
      how, seconds: Math.round(seconds * 10) / 10, changes,
    });
    this.#compose();
  }

  /** Adds objects of the class that is chosen, or of a first one that is made for them; returns their ids. */
  async add(how, masks) {
    const classId = await this.#classForNew();
    if (classId === null) return [];
    const changes = masks.map(({ rle, score = null, made = how, classId: own = classId }) => (
      { op: 'add', id: temporaryId(), object: { classId: own, rle, attributes: {}, made, score } }));
    this.commit(how, changes);
    return changes.map(({ id }) => id);
  }

  async #classForNew() {
    const { activeClass } = this.state;
    if (activeClass !== null) return activeClass;
    const added = await this.addClass('object');
    return added?.id ?? null;
  }

  async addClass(name) {
    try {
      const added = await this.client.addClass({ name });
      await this.refreshProject();
      this.store.update({ activeClass: added.id });
      return added;
    } catch (error) {
      this.notices.error(`The class was not added: ${error.message}`);
      return null;
    }
  }

  async changeClass(id, change) {
    try {
      await this.client.changeClass(id, change);
      await this.refreshProject();
    } catch (error) {
      this.notices.error(`The class was not changed: ${error.message}`);
    }
  }

  /** A class by its key: for what is in work, which is then accepted, for what is selected, and for what comes. */
  async chooseClass(item) {
    this.store.update({ activeClass: item.id });
    remember('label.class', item.id);
    this.announce(`Class ${item.name}.`);
    if (this.state.draft.mask) await this.accept();
    else this.assign(item.id);
  }

  assign(classId) {
    this.commit('class', this.chosen.filter((object) => object.classId !== classId)
      .map(({ id }) => ({ op: 'update', id, object: { classId } })));
  }

  classByKey(key) {
    const { classes } = this.state;
    return classes.find((item) => item.key === key) ?? classes.filter((item) => !item.key)[Number(key) - 1 - classes.filter((item) => item.key).length];
  }

  setTool(tool) {
    if (tool === 'polygon' || tool === 'brush' || tool === 'eraser') this.clearDraft();
    if (tool !== 'polygon') this.store.update({ polygon: [] });
    this.store.update({ tool });
  }

  setBrush(size) {
    const brush = Math.min(200, Math.max(1, Math.round(size)));
    this.store.update({ brush });
    remember('label.brush', brush);
  }

  select(ids) {
    this.store.update({ selected: ids });
  }

  clearDraft() {
    this.#predictions.clear();
    this.store.update({ draft: EMPTY_DRAFT });
  }

  point(place, isOn) {
    const { photo, draft } = this.state;
    const { x, y } = pixelAt(place, photo);
    this.#predict({ ...draft, points: [...draft.points, { x, y, label: isOn ? 1 : 0 }] });
  }

  box(corners) {
    this.#predict({ ...EMPTY_DRAFT, box: corners });
  }

  async #predict(draft) {
    this.store.update({ draft: { ...draft, isBusy: true } });
    const prompt = { points: draft.points };
    if (draft.box) prompt.box = draft.box;
    try {
      const answer = await this.#predictions.run(async (signal) => {
        const imageId = await this.#embed();
        try {
          return await this.client.predict(imageId, [prompt], signal);
        } catch (error) {
          if (!error.isForgotten) throw error;
          this.#embedding = null;
          return await this.client.predict(await this.#embed(), [prompt], signal);
        }
      });
      if (!answer || this.state.draft.points !== draft.points || this.state.draft.box !== draft.box) return;
      const { candidates, best } = answer.objects[0];
      const mask = candidates[best];
      this.store.update({ draft: { ...draft, mask: mask.area > 0 ? drawable(mask.rle) : null, score: mask.predicted_iou, isBusy: false } });
      if (mask.area > 0) this.announce('Mask found. Enter accepts it.');
      else this.announce('No mask there.');
    } catch (error) {
      this.store.update({ draft: { ...this.state.draft, isBusy: false } });
      this.notices.error(`No mask: ${error.message}`, { id: 'predict' });
    }
  }

  #embed() {
    const { picture } = this.state;
    if (!picture) return Promise.reject(new Error('No picture is open.'));
    const embedding = (this.#embedding ??= this.client.embed(picture.id, this.#opening.signal).then(({ imageId }) => imageId));
    embedding.catch(() => {
      if (this.#embedding === embedding) this.#embedding = null;
    });
    return embedding;
  }

  /** Enter: the mask in work becomes an object, or the polygon is closed. */
  async accept() {
    const { draft, polygon, photo } = this.state;
    if (polygon.length >= 3) {
      const bitmap = emptyBitmap(photo.width, photo.height);
      fillPolygon(bitmap, polygon);
      this.store.update({ polygon: [] });
      if (!isEmpty(bitmap)) this.select(await this.add('polygon', [{ rle: encodeMask(bitmap) }]));
    } else if (draft.mask) {
      const { mask, score, box } = draft;
      this.clearDraft();
      await this.add(box ? 'box' : 'click', [{ rle: mask.rle, score }]);
      this.select([]);
    }
  }

  /** What a brush or an eraser made of an object, or of none (null) yet. */
  async painted(object, bitmap, how) {
    const id = this.#names.get(object) ?? object;
    if (id === null) {
      if (!isEmpty(bitmap)) this.select(await this.add('brush', [{ rle: encodeMask(bitmap) }]));
    } else if (isEmpty(bitmap)) {
      this.remove([id]);
    } else {
      this.commit(how, [{ op: 'update', id, object: { rle: encodeMask(bitmap) } }]);
    }
  }

  remove(ids) {
    this.store.update({ selected: this.state.selected.filter((id) => !ids.includes(id)) });
    this.commit('remove', ids.map((id) => ({ op: 'remove', id })));
  }

  mend(how, mend, nothing) {
    const changes = [];
    for (const { id, rle } of this.chosen) {
      const bitmap = decodeMask(rle);
      if (mend(bitmap)) changes.push({ op: 'update', id, object: { rle: encodeMask(bitmap) } });
    }
    this.announce(this.chosen.length ? (changes.length ? 'Mended.' : nothing) : 'Select an object first.');
    this.commit(how, changes);
  }

  fillHoles() { this.mend('fill holes', fillHoles, 'No holes.'); }
  dropIslands() { this.mend('drop islands', dropIslands, 'No islands.'); }

  merge() {
    const [first, ...others] = this.chosen;
    if (!others.length) {
      this.announce('Select two objects or more first.');
      return;
    }
    const bitmap = decodeMask(first.rle);
    for (const { rle } of others) addAll(bitmap, decodeMask(rle));
    this.select([first.id]);
    this.commit('merge', [{ op: 'update', id: first.id, object: { rle: encodeMask(bitmap) } }, ...others.map(({ id }) => ({ op: 'remove', id }))]);
  }

  /** Copies what is selected to the next picture of the list and opens that. */
  async copyOn() {
    const objects = this.chosen;
    if (!objects.length) {
      this.announce('Select objects first.');
      return;
    }
    const from = this.state.picture;
    const next = await this.findNext({});
    if (!next) return;
    const target = await this.client.picture(next.id);
    if (target.width !== from.width || target.height !== from.height) {
      this.notices.error(`${target.name} is ${target.width} × ${target.height} and ${from.name} ${from.width} × ${from.height}: objects are copied between pictures of one size.`, { id: 'copy' });
      return;
    }
    await this.open(next.id, next.index);
    if (this.state.picture?.id !== next.id) return;
    const ids = await this.add('copy', objects.map(({ rle, classId }) => ({ rle, classId })));
    this.select(ids);
    this.notices.info(`${objects.length === 1 ? 'One object was' : `${objects.length} objects were`} copied to ${target.name}.`);
  }

  /** More objects like the selected ones, each as an object of their class; they stay selected, so that Delete takes them back. */
  async findSimilar() {
    const examples = this.chosen;
    const { picture } = this.state;
    if (!examples.length) {
      this.announce('Select an object first.');
      return;
    }
    this.notices.info('Looking for more like it.', { id: 'similar' });
    try {
      await this.outbox.settled();
      const objectIds = examples.map(({ id }) => this.#names.get(id) ?? id);
      const { found } = await this.client.similar({ pictureId: picture.id, objectIds, scope: 'picture', threshold: SIMILAR });
      if (this.state.picture?.id !== picture.id) return;
      const { classId } = examples[0];
      if (found.length) this.select(await this.add('similar', found.map(({ rle, similarity }) => ({ rle, classId, score: similarity }))));
      this.notices.info(found.length === 1 ? '1 more was found and is selected.' : `${found.length || 'No'} more were found${found.length ? ' and are selected' : ''}.`, { id: 'similar' });
    } catch (error) {
      this.notices.dismiss('similar');
      this.notices.error(`Nothing was looked for: ${error.message}`, { id: 'similar-failed' });
    }
  }

  setReview(state, comment = this.state.picture?.comment ?? '') {
    this.commit('state', [{ op: 'state', state, comment }]);
  }

  /** { id, index } after the open picture, or null. */
  async findNext(query) {
    const { picture, filter, project } = this.state;
    if (!picture) return null;
    const others = query.state === 'todo' ? project.counts.todo - (this.#base.state === 'todo' ? 1 : 0) : project.counts.pictures - 1;
    if (others < 1) {
      this.announce('There is no other one.');
      return null;
    }
    const wanted = { after: picture.id, ...query };
    if (filter.search && query.search === undefined) wanted.search = filter.search;
    try {
      return await this.client.next(wanted);
    } catch (error) {
      if (error.status === 404) this.announce('There is no other one.');
      else this.notices.error(error.message, { id: 'next' });
      return null;
    }
  }

  async undo() {
    const { draft, polygon } = this.state;
    if (polygon.length) this.store.update({ polygon: polygon.slice(0, -1) });
    else if (draft.points.length > 1) this.#predict({ ...draft, points: draft.points.slice(0, -1) });
    else if (draft.points.length || draft.box) this.clearDraft();
    else await this.#step('undo');
  }

  redo() {
    return this.#step('redo');
  }

  async #step(direction) {
    const { picture } = this.state;
    if (!picture) return;
    try {
      await this.outbox.settled();
      if (this.#base.id !== picture.id) return;
      if (!(direction === 'undo' ? this.#base.canUndo : this.#base.canRedo)) return;
      this.#take(picture.id, await this.client.step(picture.id, direction, this.#base.version));
    } catch (error) {
      if (error.status === 409) await this.reload().catch(() => {});
      this.notices.error(error.message, { id: 'undo' });
    }
  }

  #answered({ pictureId }, answer, names) {
    for (const [temporary, id] of names) this.#names.set(temporary, id);
    if (this.#base?.id === pictureId) {
      this.store.update({ selected: this.state.selected.map((id) => names.get(id) ?? id) });
      this.#take(pictureId, answer);
    }
    this.onSaved?.(pictureId, answer);
  }

  #take(pictureId, answer) {
    if (this.#base?.id !== pictureId) return;
    this.#base = { ...this.#base, ...answer, id: pictureId };
    this.#compose();
  }

  #compose() {
    const picture = this.outbox.of(this.#base.id).reduce((made, { changes }) => applied(made, changes), this.#base);
    const ids = new Set(picture.objects.map(({ id }) => id));
    const { selected } = this.state;
    const kept = selected.filter((id) => ids.has(id) || isTemporary(id));
    this.store.update({ picture, selected: kept.length === selected.length ? selected : kept });
  }

  async #conflict(entry, theirs) {
    const waiting = this.outbox.of(entry.pictureId);
    const changes = waiting.flatMap((one) => one.changes);
    const mine = applied(this.#base?.id === entry.pictureId ? this.#base : theirs, changes);
    const choice = await this.resolveConflict(theirs, mine);
    this.outbox.drop(entry.pictureId);
    if (this.#base?.id === entry.pictureId) this.#base = theirs;
    const additions = choice === 'mine' ? asAdditions(changes, mine.objects) : [];
    if (additions.length) {
      this.outbox.add({
        pictureId: entry.pictureId, baseVersion: theirs.version, before: theirs.objects.map(({ id }) => id),
        how: 'merge', seconds: 0, changes: additions,
      });
    }
    if (this.#base?.id === entry.pictureId) this.#compose();
  }
}
