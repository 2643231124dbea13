// Measures working time without pauses.

/** Seconds without activity that count as a pause. */
const PAUSE = 30;

export class Clock {
  #worked = 0;
  #last = performance.now();

  constructor(target = window) {
    for (const event of ['pointermove', 'pointerdown', 'keydown', 'wheel']) {
      target.addEventListener(event, () => this.#tick(), { passive: true, capture: true });
    }
  }

  /** Working time in seconds since the last call. */
  take() {
    this.#tick();
    const worked = this.#worked;
    this.#worked = 0;
    return Math.round(worked * 10) / 10;
  }

  #tick() {
    const now = performance.now();
    this.#worked += Math.min(PAUSE, (now - this.#last) / 1000);
    this.#last = now;
  }
}
