// Changes on their way. Each is kept in the browser until the server has it, and sent again, in order, until then.

import { forget, recall, remember, storedKeys } from '../scripts/storage.js';
import { pauseBefore } from '../scripts/service/backoff.js';
import { forServer, hasArrived, namesGiven, renamed } from './changes.js';

export class Outbox {
  #prefix;
  #key;
  #timer = null;
  #attempt = 0;
  #isSending = false;

  /**
   * `on`: answered(entry, answer, names), refused(entry, error), conflict(entry, theirs) -> promise, state(word).
   * An entry is { pictureId, baseVersion, before, how, seconds, changes }, `before` being the ids at that version.
   */
  constructor(client, project, on) {
    this.client = client;
    this.on = on;
    this.#prefix = `label.outbox.${project}.`;
    this.#key = this.#prefix + client.tab;
    this.entries = recall(this.#key, []);
    addEventListener('online', () => this.kick());
  }

  /** Holds this tab's changes, and takes over those of tabs that are gone. */
  async open() {
    if (!navigator.locks) return;
    navigator.locks.request(this.#key, () => new Promise(() => {}));
    for (const key of storedKeys(this.#prefix)) {
      if (key === this.#key) continue;
      await navigator.locks.request(key, { ifAvailable: true }, (lock) => {
        if (!lock) return;
        this.entries.push(...recall(key, []));
        this.#keep();
        forget(key);
      });
    }
  }

  get isEmpty() {
    return this.entries.length === 0;
  }

  of(pictureId) {
    return this.entries.filter((entry) => entry.pictureId === pictureId);
  }

  add(entry) {
    this.entries.push(entry);
    this.#keep();
    this.kick();
  }

  /** Removes what waits for a picture. */
  drop(pictureId) {
    this.entries = this.entries.filter((entry) => entry.pictureId !== pictureId);
    this.#keep();
  }

  kick() {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#send();
  }

  /** Resolves when nothing waits, rejects when the server does not answer. */
  async settled() {
    this.kick();
    while (this.#isSending) await new Promise((resolve) => setTimeout(resolve, 30));
    if (!this.isEmpty) throw new Error('Changes before this one are not saved yet: the server does not answer.');
  }

  #keep() {
    remember(this.#key, this.entries);
    this.#tell();
  }

  #tell() {
    this.on.state(this.isEmpty ? 'saved' : this.#attempt > 0 ? 'unsaved' : 'saving');
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.entries.length && (await this.#sendFirst()));
    } finally {
      this.#isSending = false;
      this.#tell();
    }
  }

  async #sendFirst() {
    const [entry] = this.entries;
    const { pictureId, baseVersion, how, seconds, changes } = entry;
    this.#tell();
    try {
      this.#done(entry, await this.client.change(pictureId, { baseVersion, how, seconds, changes: forServer(changes) }));
    } catch (error) {
      if (error.status === 409) return this.#conflict(entry, error.theirs ?? {});
      if (error.isPassing || error.status >= 500) return this.#later(error);
      this.entries.shift();
      this.#keep();
      this.on.refused(entry, error);
    }
    return true;
  }

  #later({ retryAfter = 0 }) {
    this.#timer = setTimeout(() => this.#send(), Math.max(pauseBefore(this.#attempt++), retryAfter * 1000));
    return false;
  }

  /** The picture is newer than the change: it may have arrived before, or change nothing that the others did, or need a person. */
  async #conflict(entry, { by, when }) {
    let theirs;
    try {
      theirs = { by, when, ...(await this.client.picture(entry.pictureId)) };
    } catch (error) {
      return this.#later(error);
    }
    const { version, objects, state } = theirs;
    if (hasArrived(entry.before, entry.changes, objects, state)) this.#done(entry, theirs);
    else if (entry.changes.every(({ op }) => op === 'state')) this.#rebase(entry, { version, objects });
    else await this.on.conflict(entry, theirs);
    return true;
  }

  #rebase(entry, { version, objects }) {
    Object.assign(entry, { baseVersion: version, before: objects.map(({ id }) => id) });
    this.#keep();
  }

  /** What waits behind builds on what was answered. */
  #done(entry, answer) {
    this.#attempt = 0;
    const names = namesGiven(entry.before.map((id) => ({ id })), entry.changes, answer.objects);
    this.entries = this.entries.filter((other) => other !== entry).map((other) => (other.pictureId === entry.pictureId
      ? { ...other, baseVersion: answer.version, before: answer.objects.map(({ id }) => id), changes: renamed(other.changes, names) }
      : other));
    this.#keep();
    this.on.answered(entry, answer, names);
  }
}
