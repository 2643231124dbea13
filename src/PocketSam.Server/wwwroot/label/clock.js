// The time that a person works: from one sign of life to the next, pauses left out.

/** Seconds without a sign of life after which somebody is taken to be away. */
const PAUSE = 30;

export class Clock {
  #worked = 0;
  #last = performance.now();

  constructor(target = window) {
    for (const event of ['pointermove', 'pointerdown', 'keydown', 'wheel']) {
      target.addEventListener(event, () => this.#tick(), { passive: true, capture: true });
    }
  }

  /** Seconds since it was asked last. */
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
