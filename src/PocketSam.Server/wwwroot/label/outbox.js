// Changes on their way to the project. Each is stored in the browser before it is sent, and removed when the project
// has acknowledged it, so that neither a reload nor an unavailable service loses one. They are sent in order.

import { ServiceError } from '../scripts/service/errors.js';
import { pauseBefore, sleep } from '../scripts/service/backoff.js';
import { idsOfAdded, withIds } from './merge.js';

/** Statuses that may be temporary, for which a change is kept: access may be granted later. */
const NOT_LET_IN = [401, 403, 408];

export class Outbox {
  #entries = [];
  #sending = null;
  #isHeld = false;
  #hurry = new AbortController();
  #settled = [];

  /**
   * `storage` keeps entries; `send(entry)` returns a promise of the project's response. Callbacks of `on`:
   * `acknowledged(entry, answer, ids)`, `conflict(pictureId, problem)`, `refused(entry, error)`, `changed({ phase,
   * count, message, isKept })`.
   */
  constructor(storage, send, on) {
    this.storage = storage;
    this.send = send;
    this.on = on;
    this.isKept = true;
  }

  /** Loads the entries of an earlier page. */
  async load() {
    this.#entries = await this.storage.all();
    this.#tell(this.#entries.length ? 'saving' : 'saved');
    this.#go();
  }

  of(pictureId) {
    return this.#entries.filter((entry) => entry.pictureId === pictureId);
  }

  get count() {
    return this.#entries.length;
  }

  /** Whether the page can be closed without loss. */
  get isSafe() {
    return this.isKept || this.#entries.length === 0;
  }

  /** Stores a change, and sends it after those before it. */
  add(entry) {
    this.#entries.push(entry);
    this.#tell(['away', 'conflict'].includes(this.phase) ? this.phase : 'saving');
    entry.kept = this.#keep(() => this.storage.put(plain(entry)));
    this.#go();
  }

  /** Removes the last change of a picture if it has not been sent, and returns it; otherwise returns null. */
  takeBack(pictureId) {
    const entry = this.#entries.findLast((candidate) => candidate.pictureId === pictureId);
    if (!entry || entry === this.#sending) return null;
    this.#remove(entry);
    this.#tell(this.#entries.length ? this.phase : 'saved');
    return entry;
  }

  /** Replaces all entries of a picture by one with the result of a merge, or by none. */
  replace(pictureId, entry) {
    for (const old of this.of(pictureId)) this.#remove(old);
    this.#isHeld = false;
    if (entry) this.add(entry);
    else this.#go();
    this.#tell(this.#entries.length ? 'saving' : 'saved');
  }

  /**
   * Resolves when all entries of a picture are acknowledged; to false if the service is unavailable or there is a
   * conflict.
   */
  settled(pictureId) {
    if (!this.of(pictureId).length) return Promise.resolve(true);
    if (this.phase === 'away' || this.#isHeld) return Promise.resolve(false);
    return new Promise((resolve) => this.#settled.push({ pictureId, resolve }));
  }

  retryNow() {
    this.#hurry.abort();
    this.#hurry = new AbortController();
    this.#go();
  }

  async #go() {
    if (this.#sending || this.#isHeld) return;
    for (let attempt = 0; this.#entries.length && !this.#isHeld;) {
      const entry = (this.#sending = this.#entries[0]);
      await entry.kept;
      try {
        this.#acknowledge(entry, await this.send(entry));
        attempt = 0;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (error.isPassing || error.status >= 500 || NOT_LET_IN.includes(error.status)) {
          this.#tell('away', error.message);
          await sleep(error.retryAfter ? error.retryAfter * 1000 : pauseBefore(attempt++), this.#hurry.signal).catch(() => {});
        } else if (error.status === 409 && error.problem.objects) {
          this.#isHeld = true;
          this.#tell('conflict', error.message);
          this.on.conflict(entry.pictureId, error.problem);
        } else {
          this.#remove(entry);
          this.on.refused(entry, error);
        }
      } finally {
        this.#sending = null;
      }
    }
    if (!this.#entries.length) this.#tell('saved');
  }

  #acknowledge(entry, answer) {
    const ids = idsOfAdded(entry.changes, answer, new Set(entry.knownIds));
    this.#remove(entry);
    for (const later of this.of(entry.pictureId)) {
      later.changes = withIds(later.changes, ids);
      later.before = later.before.map((object) => (ids.has(object.id) ? { ...object, id: ids.get(object.id) } : object));
      later.knownIds = answer.objects.map(({ id }) => id);
      later.baseVersion = answer.version;
      later.kept = this.#keep(() => this.storage.put(plain(later)));
    }
    this.#tell(this.#entries.length ? 'saving' : 'saved');
    this.on.acknowledged(entry, answer, ids);
  }

  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#keep(() => this.storage.delete(entry.key));
  }

  async #keep(work) {
    try {
      await work();
    } catch {
      this.isKept = false; // The page shows it, and asks before it is closed.
      this.#tell(this.phase);
    }
  }

  #tell(phase, message = '') {
    this.phase = phase;
    this.on.changed({ phase, message, count: this.#entries.length, isKept: this.isKept });
    this.#settled = this.#settled.filter(({ pictureId, resolve }) => {
      const isDone = !this.of(pictureId).length;
      if (isDone || phase === 'away' || phase === 'conflict') resolve(isDone);
      else return true;
      return false;
    });
  }
}

function plain({ kept, ...entry }) {
  return entry;
}

const NAME = 'pocketsam.label';
const CHANGES = 'changes';

const lockOf = (tab) => `pocketsam.label.${tab}`;

/**
 * The entries of one project in the browser's IndexedDB. Each belongs to the tab that made it, until the tab is closed.
 */
export class OutboxStorage {
  #database = null;

  constructor(project, tab) {
    this.project = project;
    this.tab = tab;
    // Held until the tab ends, by which others know that it lives. Pages over plain http have no locks.
    navigator.locks?.request(lockOf(tab), () => new Promise(() => {}));
  }

  /** The entries of closed tabs, in order. */
  async all() {
    try {
      const held = (await navigator.locks?.query())?.held ?? [];
      const lives = ({ tab }) => tab !== this.tab && held.some(({ name }) => name === lockOf(tab));
      const all = await this.#run('readonly', (store) => store.getAll());
      return all.filter((entry) => entry.project === this.project && !lives(entry)).sort((a, b) => a.order - b.order);
    } catch {
      return [];
    }
  }

  put(entry) {
    return this.#run('readwrite', (store) => store.put({ ...entry, project: this.project }));
  }

  delete(key) {
    return this.#run('readwrite', (store) => store.delete(key));
  }

  async #run(mode, work) {
    this.#database ??= open();
    const transaction = (await this.#database).transaction(CHANGES, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(CHANGES));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(CHANGES, { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
