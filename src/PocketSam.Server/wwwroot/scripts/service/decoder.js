// Decodes prompts in the browser itself, where the service offers its decoder and the page has a runtime for it. Whatever
// fails here ends it for good, and the service decodes as before.

import { orAbort } from './backoff.js';

export class Decoder {
  #starting = null;
  #worker = null;
  #waiting = new Map();
  #calls = 0;
  #fingerprint = null;

  constructor(api) {
    this.api = api;
  }

  /** The photo `id` as one that is decoded here, { decode, close }; null where that cannot be. */
  async open(id) {
    try {
      const info = await this.api.info();
      if (!info.decoder?.runtime) return null;
      await (this.#starting ??= this.#start(info));
      // A service that was started anew may have another model, whose embeddings this decoder does not understand.
      if (info.fingerprint !== this.#fingerprint) return null;
      const embedding = await this.api.embedding(id);
      await this.#call('open', { photo: id, ...embedding }, [embedding.values]);
    } catch {
      return null;
    }
    return {
      decode: (prompt, signal) => orAbort(this.#call('decode', { photo: id, prompt }), signal),
      close: () => this.#call('close', { photo: id }).catch(() => {}),
    };
  }

  async #start({ decoder, fingerprint }) {
    const graph = await this.api.decoder();
    this.#fingerprint = fingerprint;
    this.#worker = new Worker(new URL('../decoder/worker.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data: { call, result, error } }) => {
      const { resolve, reject } = this.#waiting.get(call);
      this.#waiting.delete(call);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#worker = null;
      this.#waiting.forEach(({ reject }) => reject(new Error('The decoder in the browser has failed.')));
      this.#waiting.clear();
    };
    await this.#call('start', { graph, firstMask: decoder.first_mask }, [graph]);
  }

  #call(name, options, transfer = []) {
    return new Promise((resolve, reject) => {
      const call = ++this.#calls;
      this.#waiting.set(call, { resolve, reject });
      this.#worker.postMessage({ call, name, ...options }, transfer);
    });
  }
}
