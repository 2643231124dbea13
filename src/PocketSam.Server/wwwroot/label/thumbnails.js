// Thumbnails of pictures, cached. A few are loaded at a time; those that scroll out of sight before their turn are not
// loaded.

const KEPT = 400;
const AT_ONCE = 6;

export class Thumbnails {
  #kept = new Map();
  #waiting = [];
  #running = 0;

  /** `load(id)` returns a promise of the file. */
  constructor(load) {
    this.load = load;
  }

  /**
   * Sets the thumbnail as an image's source when it is loaded; `dataset.picture` of the image is the id of the picture.
   */
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
      const { image, id } = this.#waiting.pop(); // The image that became visible last is loaded first.
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
      // The row of the list shows the name without a thumbnail.
    }
  }

  #keep(id, url) {
    this.#kept.set(id, url);
    if (this.#kept.size > KEPT) this.forget(this.#kept.keys().next().value);
  }
}
