// The list of the project's pictures. Only visible rows are elements, and only pages that have been visible are loaded,
// so that lists of thousands scroll smoothly.

import { byId, element } from '../scripts/dom.js';
import { isAbort } from '../scripts/service/errors.js';
import { STATES } from './app.js';
import { Thumbnails } from './thumbnails.js';

const ROW = 60;
const PAGE = 200;
const SPARE = 4;
const PAUSE = 200;

export class PictureList {
  #pages = new Map();
  #rows = new Map();
  #total = 0;
  #active = 0;
  #reading = new AbortController();
  #searchTimer = null;
  #frame = 0;
  #height = null;

  constructor(app) {
    this.app = app;
    this.filter = { state: '', search: '', class: '' };
    this.thumbnails = new Thumbnails((id) => app.label.thumbnail(id));
    this.list = byId('picture-list');
    this.space = byId('picture-space');
    this.list.addEventListener('scroll', () => {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#render());
    }, { passive: true });
    this.list.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#render()).observe(this.list);
    this.#mountFilter();
    app.list = this;
    app.filterQuery = () => Object.fromEntries(['search', 'class'].map((name) => [name, this.filter[name]]).filter(([, value]) => value));
    app.pictureListeners.add((event) => this.#told(event));
    app.store.watch(['picture', 'opening'], () => this.#showCurrent());
    app.store.watch(['counts'], ({ counts }) => {
      if (!this.#isFiltered && this.#pages.size > 0 && counts?.pictures !== this.#total) this.reset();
    });
    app.store.watch(['classes'], ({ classes }) => {
      byId('picture-class').replaceChildren(element('option', { value: '' }, 'Any class'), ...classes.map(({ id, name }) => element('option', { value: id }, name)));
      byId('picture-class').value = this.filter.class;
    });
  }

  /** Reloads the list, and returns a promise of the number of pictures. */
  async reset() {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#pages.clear();
    for (const row of this.#rows.values()) row.element.remove();
    this.#rows.clear();
    this.list.setAttribute('aria-busy', 'true');
    await this.#page(0);
    this.list.setAttribute('aria-busy', 'false');
    this.#render();
    this.onReset();
    return this.#total;
  }

  /** Called after the list is reloaded. */
  onReset = () => {};

  async item(index) {
    if (index < 0 || index >= this.#total) return null;
    return (await this.#page(Math.floor(index / PAGE)))?.[index % PAGE] ?? null;
  }

  /** Opens the picture at an offset from the open one. */
  async open(step) {
    const { picture } = this.app.state;
    const index = picture?.index ?? this.#indexOf(picture?.id);
    if (index === null) {
      await this.app.nextPicture('');
      return;
    }
    const item = await this.item(index + step);
    if (item) await this.app.openPicture(item.id, index + step);
    else this.app.announce(step > 0 ? 'This is the last picture.' : 'This is the first picture.');
  }

  focusSearch() {
    document.body.classList.add('shows-pictures');
    byId('picture-search').focus();
    byId('picture-search').select();
  }

  get #isFiltered() {
    return Object.values(this.filter).some((value) => value !== '');
  }

  #mountFilter() {
    const search = byId('picture-search');
    search.addEventListener('input', () => {
      clearTimeout(this.#searchTimer);
      this.#searchTimer = setTimeout(() => this.#filterBy({ search: search.value.trim() }), PAUSE);
    });
    search.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault();
        this.list.focus();
      } else if (event.key === 'Escape') {
        byId('surface').focus();
      }
    });
    const state = byId('picture-state');
    state.append(element('option', { value: '' }, 'Any state'), ...Object.entries(STATES).map(([value, text]) => element('option', { value }, text)));
    state.addEventListener('change', () => this.#filterBy({ state: state.value }));
    byId('picture-class').addEventListener('change', (event) => this.#filterBy({ class: event.target.value }));
  }

  async #filterBy(change) {
    this.filter = { ...this.filter, ...change };
    this.#active = 0;
    this.list.scrollTop = 0;
    const { picture } = this.app.state;
    if (picture) this.app.store.update({ picture: { ...picture, index: null } });
    const total = await this.reset();
    this.app.announce(`${total} pictures.`);
  }

  #page(number) {
    if (!this.#pages.has(number)) this.#pages.set(number, this.#read(number, this.#reading.signal));
    return Promise.resolve(this.#pages.get(number));
  }

  async #read(number, signal) {
    const query = { offset: number * PAGE, limit: PAGE };
    for (const [name, value] of Object.entries(this.filter)) if (value) query[name] = value;
    try {
      const { total, pictures } = await this.app.label.pictures(query, signal);
      this.#total = total;
      this.#pages.set(number, pictures);
      byId('picture-count').textContent = total.toLocaleString();
      byId('picture-word').textContent = total === 1 ? 'picture' : 'pictures';
      byId('picture-none').hidden = total > 0;
      byId('picture-none').textContent = this.#isFiltered ? 'No picture is like that.' : 'The folder has no pictures yet.';
      this.#render();
      return pictures;
    } catch (error) {
      this.#pages.delete(number);
      if (!isAbort(error)) this.app.tell(error, 'pictures');
      return null;
    }
  }

  #render() {
    if (this.#height !== this.#total * ROW) {
      this.#height = this.#total * ROW;
      this.space.style.height = `${this.#height}px`;
    }
    const { scrollTop, clientHeight } = this.list;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const last = Math.min(this.#total, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    for (const [index, row] of this.#rows) {
      if (index >= first && index < last) continue;
      row.element.remove();
      this.#rows.delete(index);
    }
    for (let index = first; index < last; index++) {
      const page = this.#pages.get(Math.floor(index / PAGE));
      if (!page) this.#page(Math.floor(index / PAGE));
      let row = this.#rows.get(index);
      if (!row) {
        row = this.#makeRow(index);
        this.#rows.set(index, row);
        this.space.append(row.element);
      }
      const item = Array.isArray(page) ? page[index % PAGE] : null;
      if (row.item !== item) row.show(item);
    }
    this.#showCurrent();
  }

  #makeRow(index) {
    const image = element('img', { alt: '', width: 64, height: 48, draggable: false });
    const name = element('span', { class: 'picture-name' });
    const facts = element('span', { class: 'picture-facts' });
    const made = element('div', { class: 'picture', id: `picture-${index}`, role: 'option', aria: { posinset: index + 1, selected: 'false' },
      on: { click: () => row.item && this.app.openPicture(row.item.id, index) } },
    element('span', { class: 'picture-thumb' }, image), element('span', { class: 'picture-text' }, name, facts));
    made.style.transform = `translateY(${index * ROW}px)`;
    const row = {
      element: made,
      item: undefined,
      show: (item) => {
        row.item = item;
        made.setAttribute('aria-setsize', this.#total);
        made.classList.toggle('is-empty', !item);
        if (!item) return;
        made.dataset.state = item.state;
        made.dataset.status = item.status ?? 'here';
        name.textContent = item.name;
        made.title = item.name;
        const others = (item.openBy ?? []).filter((who) => who !== this.app.labeller);
        facts.replaceChildren(...[
          element('span', { class: 'state-dot', data: { state: item.state } }),
          STATES[item.state],
          item.status === 'missing' ? ' · missing' : item.status === 'changed' ? ' · file changed' : null,
          item.objects ? ` · ${item.objects}` : null,
          item.proposals ? element('span', { class: 'picture-proposals', title: `${item.proposals} proposals` }, ` +${item.proposals}`) : null,
          item.comment ? element('span', { title: item.comment }, ' · ✎') : null,
          others.length ? element('span', { class: 'picture-people', title: `${others.join(', ')} ${others.length > 1 ? 'have' : 'has'} it open` }, ` ${others.join(', ')}`) : null,
        ].filter((part) => part !== null));
        this.thumbnails.show(image, item.id);
      },
    };
    return row;
  }

  #showCurrent() {
    const { picture, opening } = this.app.state;
    for (const [index, { element: row, item }] of this.#rows) {
      row.classList.toggle('is-current', item?.id !== undefined && item.id === (opening ?? picture?.id));
      row.classList.toggle('is-active', index === this.#active);
      row.setAttribute('aria-selected', String(item?.id !== undefined && item.id === picture?.id));
    }
    this.list.setAttribute('aria-activedescendant', `picture-${this.#active}`);
    const index = picture?.index;
    if (Number.isInteger(index) && index !== this.shownIndex) {
      this.shownIndex = index;
      this.#activate(index);
    }
  }

  #indexOf(id) {
    if (id === undefined) return -1;
    for (const [number, page] of this.#pages) {
      const at = Array.isArray(page) ? page.findIndex((item) => item.id === id) : -1;
      if (at >= 0) return number * PAGE + at;
    }
    return null;
  }

  #activate(index) {
    this.#active = Math.max(0, Math.min(this.#total - 1, index));
    const top = this.#active * ROW;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop) this.list.scrollTop = top;
    else if (top + ROW > scrollTop + clientHeight) this.list.scrollTop = top + ROW - clientHeight;
    this.#render();
  }

  async #key(event) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / ROW) - 1);
    const to = { ArrowDown: this.#active + 1, ArrowUp: this.#active - 1, PageDown: this.#active + page, PageUp: this.#active - page, Home: 0, End: this.#total - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#activate(to);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const item = await this.item(this.#active);
      if (item) this.app.openPicture(item.id, this.#active);
    }
  }

  /** Updates a picture's row after an event. */
  async #told({ kind, id, openBy, answer, proposals }) {
    if (kind === 'pictures') {
      await this.reset();
      return;
    }
    const index = this.#indexOf(id);
    if (index === null || index < 0) return;
    let change = openBy ? { openBy } : answer && { state: answer.state, comment: answer.comment, version: answer.version, objects: answer.objects.length };
    if (!change) {
      try {
        const { objects, ...detail } = await this.app.label.picture(id);
        change = { ...detail, objects: objects.length };
      } catch {
        return; // The row is reloaded with its page.
      }
    }
    const page = this.#pages.get(Math.floor(index / PAGE));
    if (!Array.isArray(page)) return;
    if (proposals !== undefined) change.proposals = proposals;
    page[index % PAGE] = { ...page[index % PAGE], ...change };
    this.#render();
  }
}
