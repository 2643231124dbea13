// Thumbnails of pictures: the last ones kept, a few fetched at a time, those that scrolled away before their turn not at all.

const KEPT = 400;
const AT_ONCE = 6;

export class Thumbnails {
  #kept = new Map();
  #waiting = [];
  #running = 0;

  /** `load(id)` promises the file. */
  constructor(load) {
    this.load = load;
  }

  /** Puts the thumbnail of a picture into an image, when it is there; the image says by `dataset.picture` what it wants. */
  show(image, id) {
    image.dataset.picture = id;
    const kept = this.#kept.get(id);
    if (kept) {
      this.#kept.delete(id);
      this.#kept.set(id, kept);
      image.src = kept;
      return;
    }
    image.removeAttribute('src');
    this.#waiting.push({ image, id });
    this.#go();
  }

  forget(id) {
    const url = this.#kept.get(id);
    if (url) URL.revokeObjectURL(url);
    this.#kept.delete(id);
  }

  async #go() {
    while (this.#running < AT_ONCE && this.#waiting.length) {
      const { image, id } = this.#waiting.pop(); // What came into sight last is what a person looks at.
      if (!image.isConnected || image.dataset.picture !== String(id)) continue;
      this.#running++;
      this.#fetch(image, id).finally(() => {
        this.#running--;
        this.#go();
      });
    }
  }

  async #fetch(image, id) {
    try {
      if (!this.#kept.has(id)) this.#keep(id, URL.createObjectURL(await this.load(id)));
      if (image.dataset.picture === String(id)) image.src = this.#kept.get(id);
    } catch {
      // A picture without a thumbnail has its name.
    }
  }

  #keep(id, url) {
    this.#kept.set(id, url);
    if (this.#kept.size > KEPT) this.forget(this.#kept.keys().next().value);
  }
}
