// Runs requests of which only the latest counts, at most one at a time. A newer request waits for the running one, but
// aborts it after a short time.

import { isAbort } from './errors.js';

const PATIENCE = 250;

export class RequestQueue {
  #running = null;
  #next = null;

  /**
   * Runs `work(signal)` now or after the running request, and drops any other waiting one. Resolves to the result of
   * `work`, or undefined if a later request replaces this one.
   */
  run(work) {
    this.#next?.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#next = { work, resolve, reject };
      if (!this.#running) this.#start();
      else if (performance.now() - this.#running.since > PATIENCE) this.#running.controller.abort();
      else this.#running.timer ??= setTimeout(() => this.#next && this.#running?.controller.abort(), PATIENCE);
    });
  }

  /** Aborts the running request and drops the waiting one. */
  clear() {
    this.#next?.resolve(undefined);
    this.#next = null;
    this.#running?.controller.abort();
  }

  get isBusy() {
    return this.#running !== null;
  }

  async #start() {
    const { work, resolve, reject } = this.#next;
    const running = { controller: new AbortController(), since: performance.now(), timer: null };
    this.#next = null;
    this.#running = running;
    try {
      resolve(await work(running.controller.signal));
    } catch (error) {
      if (isAbort(error)) resolve(undefined);
      else reject(error);
    } finally {
      clearTimeout(running.timer);
      this.#running = null;
      if (this.#next) this.#start();
    }
  }
}
