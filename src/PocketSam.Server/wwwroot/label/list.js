// The list of pictures. Only the rows in sight exist, and only the pages of rows that were looked at are asked for.

import { byId, element } from '../scripts/dom.js';
import { STATE_WORDS } from './app.js';

const ROW = 64;
const PAGE = 100;
const SPARE = 4;
const TYPING = 200;
const GLANCE = 90;

export class PictureList {
  #rows = new Map();
  #pages = new Map();
  #shown = new Map();
  #total = 0;
  #generation = 0;
  #cursor = -1;

  constructor(app, open) {
    this.app = app;
    this.open = open;
    this.viewport = byId('pictures-list');
    this.room = this.viewport.querySelector('.pictures-room');
    this.viewport.addEventListener('scroll', () => this.#draw(), { passive: true });
    this.viewport.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#draw()).observe(this.viewport);
    let typing;
    byId('search').addEventListener('input', ({ target }) => {
      clearTimeout(typing);
      typing = setTimeout(() => app.store.update({ filter: { ...app.state.filter, search: target.value.trim() } }), TYPING);
    });
    byId('state-filter').addEventListener('change', ({ target }) => app.store.update({ filter: { ...app.state.filter, state: target.value } }));
    app.store.watch(['filter'], (state, previous) => previous.filter && this.refresh());
    app.store.watch(['picture', 'index'], ({ picture, index }, previous) => {
      if (picture?.id !== previous.picture?.id) {
        this.#cursor = index;
        this.reveal(index);
      }
      if (picture) this.#merge(picture);
    });
  }

  get total() {
    return this.#total;
  }

  /** Asks anew, for all that is in sight; what is shown stays until the answer. */
  async refresh() {
    this.#generation++;
    this.#pages.clear();
    await this.#page(Math.floor(this.#first / PAGE));
    for (const at of [...this.#rows.keys()]) if (!this.#pages.has(Math.floor(at / PAGE)) || at >= this.#total) this.#rows.delete(at);
    this.#draw();
  }

  /** The picture at a place of the list, or null. */
  async at(index) {
    if (index < 0 || index >= this.#total) return null;
    if (!this.#rows.has(index)) await this.#page(Math.floor(index / PAGE));
    return this.#rows.get(index) ?? null;
  }

  indexOf(id) {
    for (const [index, row] of this.#rows) if (row.id === id) return index;
    return -1;
  }

  /** Where a picture is that may not be loaded yet, looked for from a place on and around the end; -1 where it is not. */
  async find(id, from) {
    const pages = Math.ceil(this.#total / PAGE);
    const first = Math.max(0, Math.floor(from / PAGE));
    for (let i = 0; i < pages && this.indexOf(id) < 0; i++) await this.#page((first + i) % pages);
    return this.indexOf(id);
  }

  presence(id, openBy) {
    const index = this.indexOf(id);
    if (index < 0) return;
    this.#rows.set(index, { ...this.#rows.get(index), openBy });
    this.#draw();
  }

  reveal(index) {
    if (index < 0) return;
    const top = index * ROW;
    if (top < this.viewport.scrollTop) this.viewport.scrollTop = top;
    else if (top + ROW > this.viewport.scrollTop + this.viewport.clientHeight) this.viewport.scrollTop = top + ROW - this.viewport.clientHeight;
    this.#draw();
  }

  get #first() {
    return Math.max(0, Math.floor(this.viewport.scrollTop / ROW) - SPARE);
  }

  #merge({ id, state, comment, objects }) {
    const index = this.indexOf(id);
    if (index < 0) return;
    const row = this.#rows.get(index);
    if (row.state === state && row.objects === objects.length && row.comment === comment) {
      this.#draw();
      return;
    }
    this.#rows.set(index, { ...row, state, comment, objects: objects.length });
    this.#draw();
  }

  #page(number) {
    let asked = this.#pages.get(number);
    if (!asked) {
      asked = this.#ask(number, this.#generation);
      this.#pages.set(number, asked);
    }
    return asked;
  }

  async #ask(number, generation) {
    const { search, state } = this.app.state.filter;
    const query = { offset: number * PAGE, limit: PAGE };
    if (search) query.search = search;
    if (state) query.state = state;
    try {
      const { total, pictures } = await this.app.client.pictures(query);
      if (generation !== this.#generation) return;
      this.#total = total;
      pictures.forEach((picture, i) => this.#rows.set(number * PAGE + i, picture));
      this.room.style.setProperty('--room', `${total * ROW}px`);
      byId('pictures-count').textContent = total === 1 ? '1 picture' : `${total.toLocaleString('en')} pictures`;
      this.#draw();
    } catch {
      if (generation === this.#generation) this.#pages.delete(number);
    }
  }

  #draw() {
    const first = this.#first;
    const last = Math.min(this.#total, Math.ceil((this.viewport.scrollTop + this.viewport.clientHeight) / ROW) + SPARE);
    for (const [index, made] of this.#shown) {
      if (index >= first && index < last && made.record === this.#rows.get(index)) continue;
      made.element.remove();
      this.#shown.delete(index);
    }
    const { picture } = this.app.state;
    for (let index = first; index < last; index++) {
      const record = this.#rows.get(index);
      if (!record) {
        this.#page(Math.floor(index / PAGE));
        continue;
      }
      let made = this.#shown.get(index);
      if (!made) {
        made = { record, element: this.#make(record, index) };
        this.#shown.set(index, made);
        this.room.append(made.element);
      }
      made.element.setAttribute('aria-selected', String(record.id === picture?.id));
      if (index === this.#cursor) this.viewport.setAttribute('aria-activedescendant', made.element.id);
    }
  }

  #make(record, index) {
    const { id, name, state, objects, status, openBy = [], comment } = record;
    const me = this.app.client.labeller;
    const others = openBy.filter((person) => person !== me);
    const count = objects === 1 ? '1 object' : `${objects} objects`;
    const image = status === 'missing' ? element('span', { class: 'no-image' })
      : element('img', { alt: '', decoding: 'async', draggable: false, on: { load: ({ target }) => URL.revokeObjectURL(target.src) } });
    if (image.tagName === 'IMG') setTimeout(() => image.isConnected && this.#load(image, id), GLANCE);
    const note = element('div', { class: 'picture-note' }, status === 'missing' ? 'File is missing' : count);
    if (others.length) note.append(' · ', element('span', { class: 'people' }, `${others.join(', ')} here`));
    const made = element('div', {
      class: 'picture', id: `picture-${index}`, role: 'option', title: comment ? `${name}\n${comment}` : name, data: { id, index },
      aria: { posinset: index + 1, setsize: this.#total, label: `${name}, ${STATE_WORDS[state] ?? state}, ${count}` },
      on: { click: () => this.open(id, index) },
    }, image, element('div', {}, element('div', { class: 'picture-name' }, name), note),
    element('span', { class: 'state', data: { state } }, STATE_WORDS[state] ?? state));
    made.style.setProperty('--at', `${index * ROW}px`);
    return made;
  }

  /** Rows that only fly past ask for no thumbnail. */
  async #load(image, id) {
    try {
      image.src = await this.app.client.thumbnail(id);
    } catch {
      // Without its thumbnail a row still has its name.
    }
  }

  async #key(event) {
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      event.preventDefault();
      const index = Math.max(0, Math.min(this.#total - 1, this.#cursor + steps[event.key]));
      this.#cursor = index;
      const record = await this.at(index);
      if (record && this.#cursor === index) this.open(record.id, index);
    }
  }
}
