// Undo and redo over immutable values. A gesture such as a drag previews values and ends as one step.

const LIMIT = 500;

export class History {
  #past = [];
  #future = [];
  #base = null;
  #tag = null;

  constructor(value) {
    this.value = value;
  }

  get canUndo() {
    return this.#past.length > 0 || this.#base !== null;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** Adds a step. Consecutive steps with the same tag (the letters of a name) count as one. */
  push(value, tag = null) {
    this.commit();
    if (value === this.value) return;
    if (tag === null || tag !== this.#tag) {
      this.#past.push(this.value);
      if (this.#past.length > LIMIT) this.#past.shift();
    }
    this.#tag = tag;
    this.#future = [];
    this.value = value;
  }

  /** Sets a preview value; `commit` makes it a step, `rollback` returns to the last step. */
  preview(value) {
    this.#base ??= { value: this.value };
    this.value = value;
  }

  commit() {
    if (this.#base === null) return;
    const { value: before } = this.#base;
    this.#base = null;
    if (this.value === before) return;
    this.#past.push(before);
    this.#future = [];
    this.#tag = null;
  }

  rollback() {
    if (this.#base === null) return;
    this.value = this.#base.value;
    this.#base = null;
  }

  undo() {
    this.commit();
    if (!this.#past.length) return false;
    this.#future.push(this.value);
    this.value = this.#past.pop();
    this.#tag = null;
    return true;
  }

  redo() {
    this.commit();
    if (!this.#future.length) return false;
    this.#past.push(this.value);
    this.value = this.#future.pop();
    this.#tag = null;
    return true;
  }
}
