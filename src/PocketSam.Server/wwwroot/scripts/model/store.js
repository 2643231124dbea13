// The state of the page: one object that is replaced on change, and its listeners. Several changes in a row notify them
// once.

export class Store {
  #listeners = new Set();
  #told = null;
  #isPending = false;

  constructor(state) {
    this.state = state;
    this.#told = state;
  }

  update(change) {
    const keys = Object.keys(change);
    if (keys.every((key) => Object.is(this.state[key], change[key]))) return;
    this.state = { ...this.state, ...change };
    if (this.#isPending) return;
    this.#isPending = true;
    queueMicrotask(() => this.#tell());
  }

  /** Calls `listener(state, previous)` after changes, and `listener(state, {})` at once. */
  subscribe(listener) {
    this.#listeners.add(listener);
    listener(this.state, {});
    return () => this.#listeners.delete(listener);
  }

  /** As `subscribe`, but only if one of the named parts has changed. */
  watch(keys, listener) {
    return this.subscribe((state, previous) => {
      if (keys.some((key) => !Object.is(state[key], previous[key]))) listener(state, previous);
    });
  }

  #tell() {
    this.#isPending = false;
    const previous = this.#told;
    this.#told = this.state;
    for (const listener of this.#listeners) listener(this.state, previous);
  }
}
