// Requests the masks of the draft's prompts and the previews of clicks under the pointer.

import { hasPrompts } from './model/document.js';
import { atFirstSight, keyOf, promptOf } from './model/prompts.js';

/** Milliseconds of a prediction from which on previews are requested only where the pointer rests. */
const QUICK = 250;

export class Prompting {
  #hoverTimer = null;
  #lastHover = null;
  #whenReady = null;

  /**
   * `state()` returns the session's state, `publish(change)` changes it, `cleansUp()` tells whether specks are removed and
   * `looksCloser()` whether each object is looked at again, closer.
   */
  constructor(predictor, { state, publish, cleansUp, looksCloser, notices }) {
    this.predictor = predictor;
    this.stateOf = state;
    this.publish = publish;
    this.cleansUp = cleansUp;
    this.looksCloser = looksCloser;
    this.notices = notices;
  }

  get isPending() {
    return Boolean(this.stateOf().prediction?.isPending);
  }

  /** Runs `work` once the pending masks have come; a change of the prompts drops it. */
  whenReady(work) {
    this.#whenReady = work;
  }

  /** Previews a click on a pixel of the photo; null ends the preview. */
  hoverAt(pixel) {
    clearTimeout(this.#hoverTimer);
    this.#lastHover = pixel;
    const { connection, document } = this.stateOf();
    const isAnswered = connection.phase === 'ready' || this.predictor.decoded;
    if (!pixel || !isAnswered || hasPrompts(document.draft)) {
      this.predictor.clearHover();
      this.publish({ hover: null });
      return;
    }
    if (this.predictor.lastRoundTrip > QUICK) this.#hoverTimer = setTimeout(() => this.#requestHover(pixel), QUICK);
    else this.#requestHover(pixel);
  }

  /** Requests the masks of the draft unless they are known. `since` is the time of the user's action. */
  predict(draft, since = null) {
    if (hasPrompts(draft)) {
      this.#lastHover = null;
      this.publish({ hover: null });
    }
    const prompt = promptOf(draft, this.cleansUp(), this.looksCloser());
    if (!prompt) {
      this.#whenReady = null;
      this.predictor.clearDraft();
      this.publish({ prediction: draft.mask && { key: null, candidates: [draft.mask], best: 0, isPending: false } });
      return;
    }
    const key = keyOf(prompt);
    const { prediction } = this.stateOf();
    if (prediction?.key === key) return;
    this.#whenReady = null;
    const known = this.predictor.known(prompt);
    if (known) {
      this.predictor.clearDraft();
      this.publish({ prediction: { key, ...known, isPending: false, since } });
      return;
    }
    const { candidates = [], best = 0 } = prediction ?? {};
    this.publish({ prediction: { key, candidates, best, isPending: true } });
    this.#await(key, prompt, since);
  }

  /** Requests again if the last request has failed. */
  retry(draft) {
    if (!this.stateOf().prediction?.error) return;
    this.publish({ prediction: null });
    this.predict(draft);
  }

  async #requestHover(pixel) {
    const prompt = promptOf({ points: [{ ...pixel, label: 1 }], box: null, mask: null }, this.cleansUp());
    let result;
    try {
      result = await this.predictor.forHover(prompt);
    } catch {
      return; // Failed previews are silent; the click itself reports the error.
    }
    if (result && this.#lastHover === pixel) this.publish({ hover: result.candidates[result.best] });
  }

  async #await(key, prompt, since) {
    const isCurrent = () => this.stateOf().prediction?.key === key;
    try {
      if (prompt.zoom) {
        const first = await this.predictor.forDraft(atFirstSight(prompt));
        if (!first || !isCurrent()) return;
        this.publish({ prediction: { key, ...first, isPending: true, since } });
      }
      const result = await this.predictor.forDraft(prompt);
      if (!result || !isCurrent()) return;
      this.publish({ prediction: { key, ...result, isPending: false, since } });
      const work = this.#whenReady;
      this.#whenReady = null;
      work?.();
    } catch (error) {
      if (!isCurrent()) return;
      this.publish({ prediction: { key, candidates: [], best: 0, isPending: false, error: error.message } });
      this.notices.error(error.message, { id: 'predict' });
    }
  }
}
