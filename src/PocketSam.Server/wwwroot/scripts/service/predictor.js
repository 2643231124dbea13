// Predictions for the draft and for the place under the pointer. The last few are kept, so that undo needs no request.
// The browser makes them if it has the photo's embedding, else the service does.

import { RequestQueue } from './requestqueue.js';
import { keyOf } from '../model/prompts.js';
import { maskOf } from '../model/mask.js';

const KEPT = 48;

export class Predictor {
  #drafts = new RequestQueue();
  #hovers = new RequestQueue();
  #kept = new Map();

  /** Calls `onAnswer()` after each new prediction; `lastRoundTrip` is its duration in milliseconds. */
  constructor(remote, onAnswer = () => {}) {
    this.remote = remote;
    this.onAnswer = onAnswer;
    this.lastRoundTrip = 0;

    /** The photo in the browser's own decoder; null if there is none or it has failed. */
    this.decoded = null;
  }

  known(prompt) {
    return this.#kept.get(keyOf(prompt)) ?? null;
  }

  /** { candidates, best } with the candidates from small to large; undefined if a later request replaces this one. */
  forDraft(prompt) {
    this.#hovers.clear();
    return this.#drafts.run((signal) => this.#predict(prompt, signal));
  }

  forHover(prompt) {
    return this.#hovers.run((signal) => this.#predict(prompt, signal));
  }

  clearHover() {
    this.#hovers.clear();
  }

  clearDraft() {
    this.#drafts.clear();
  }

  async #predict(prompt, signal) {
    const known = this.known(prompt);
    if (known) return known;
    const answer = (prompt.zoom ? null : await this.#decode(prompt, signal)) ?? (await this.#ask(prompt, signal));
    this.onAnswer();
    const masks = answer.candidates.map(maskOf);
    const candidates = [...masks].sort((a, b) => a.area - b.area);
    const result = { candidates, best: candidates.indexOf(masks[answer.best]) };
    this.#keep(keyOf(prompt), result);
    return result;
  }

  async #decode(prompt, signal) {
    if (!this.decoded) return null;
    const begin = performance.now();
    const answer = await this.decoded.predict(prompt, signal);
    if (answer) this.lastRoundTrip = performance.now() - begin;
    else this.decoded = null;
    return answer;
  }

  #ask(prompt, signal) {
    return this.remote.use(async (id) => {
      const begin = performance.now();
      const { objects } = await this.remote.api.predict(id, [prompt], signal);
      if (!prompt.zoom) this.lastRoundTrip = performance.now() - begin;
      this.remote.onState({ phase: 'ready' });
      return objects[0];
    }, signal);
  }

  #keep(key, result) {
    this.#kept.set(key, result);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
  }
}
