// Masks of prompts without the service: a worker that has its decoder, and the embeddings of open photos. Whatever goes
// wrong here goes wrong quietly, as the service answers then.

import { keyOf } from '../model/prompts.js';
import { orAbort } from '../service/backoff.js';

export class Decoder {
  #worker = null;
  #calls = new Map();
  #lastCall = 0;
  #loading = null;
  #loaded = null;

  /** `offer()` gives what the service's info says of decoding, if that is known; `refresh()` asks for it anew. */
  constructor(api, offer, refresh) {
    this.api = api;
    this.offer = offer;
    this.refresh = refresh;
  }

  /** Has the runtime and the decoder loaded, where the service offers them, so that they are here when a photo is. */
  prepare() {
    if (!this.#loading) {
      this.#loading = this.#load();
      this.#loading.catch(() => this.#end());
    }
    return this.#loading;
  }

  /** The photo with that id at the service, for prompts; null where they have to go to the service. */
  async add(id, { width, height }, signal) {
    try {
      await this.prepare();
      if (!this.#loaded) return null;
      const { values, decoder } = await this.api.embedding(id, signal);
      if (decoder !== this.#loaded) await this.#renew();
      if (decoder !== this.#loaded) return null;
      const key = String(++this.#lastCall);
      await this.#call('add', { key, width, height, embedding: values }, [values]);
      return new DecodedPhoto(this, this.#worker, key);
    } catch {
      return null;
    }
  }

  /** The answer of a worker about one of its photos. Rejects where it cannot answer, also for having been replaced. */
  ask(worker, name, values) {
    return worker === this.#worker ? this.#call(name, values) : Promise.reject(new Error('The decoder is another one by now.'));
  }

  /** The service has another model than at first. */
  async #renew() {
    this.#end();
    this.#loading = null;
    await this.refresh();
    await this.prepare();
  }

  async #load() {
    if (!this.offer()) await this.refresh();
    const offer = this.offer();
    if (!offer?.runtime) return;
    const runtime = new URL(offer.runtime, document.baseURI).href;
    const graph = await this.api.decoder();
    this.#worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }) => this.#settle(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end();
    };
    await this.#call('load', { ...offer, runtime, wasm: new URL('ort-wasm-simd-threaded.wasm', runtime).href, graph }, [graph]);
    this.#loaded = offer.decoder;
  }

  #call(name, values, transfer = []) {
    const call = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.#worker.postMessage({ call, name, values }, transfer);
    });
  }

  #settle({ call, result, error }) {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = this.#loaded = null;
    for (const { reject } of this.#calls.values()) reject(new Error('The decoder has ended.'));
    this.#calls.clear();
  }
}

/** A photo whose prompts are answered in the browser. */
class DecodedPhoto {
  #running = new Map();

  constructor(decoder, worker, key) {
    this.decoder = decoder;
    this.worker = worker;
    this.key = key;
  }

  /** As the service answers; null where it has to. A click waits for the preview of its place rather than for another answer. */
  async predict(prompt, signal) {
    const key = keyOf(prompt);
    if (!this.#running.has(key)) {
      const asked = this.decoder.ask(this.worker, 'predict', { key: this.key, prompt });
      const answer = asked.finally(() => this.#running.delete(key));
      answer.catch(() => {}); // Whoever asked may have left.
      this.#running.set(key, answer);
    }
    try {
      return await orAbort(this.#running.get(key), signal);
    } catch {
      signal?.throwIfAborted();
      return null;
    }
  }

  close() {
    this.decoder.ask(this.worker, 'remove', { key: this.key }).catch(() => {});
  }
}
