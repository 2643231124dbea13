// Decodes masks in the browser: a worker runs the service's decoder on the embeddings of open photos. Failures are
// silent, since the service answers instead.

import { keyOf } from '../model/prompts.js';
import { orAbort } from '../service/backoff.js';

export class Decoder {
  #worker = null;
  #calls = new Map();
  #lastCall = 0;
  #loading = null;
  #loaded = null;

  /** `offer()` returns the `decoding` part of the service's info, if known; `refresh()` loads the info again. */
  constructor(api, offer, refresh) {
    this.api = api;
    this.offer = offer;
    this.refresh = refresh;
  }

  /** Loads the runtime and the decoder in advance, if the service offers them. */
  prepare() {
    if (!this.#loading) {
      this.#loading = this.#load();
      this.#loading.catch(() => this.#end());
    }
    return this.#loading;
  }

  /**
   * A photo by its id at the service, with its size in pixels, ready for prompts; null if the service must answer them.
   */
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

  /** A worker's answer about one of its photos. Rejects if the worker fails or has been replaced. */
  ask(worker, name, values) {
    return worker === this.#worker ? this.#call(name, values) : Promise.reject(new Error('The decoder is another one by now.'));
  }

  /** Loads the decoder again after the service has changed its model. */
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

/** A photo whose prompts the browser answers. */
class DecodedPhoto {
  #running = new Map();

  constructor(decoder, worker, key) {
    this.decoder = decoder;
    this.worker = worker;
    this.key = key;
  }

  /**
   * Masks as the service returns them; null if the service must answer. A click on a previewed place waits for the
   * preview's running request instead of starting another.
   */
  async predict(prompt, signal) {
    const key = keyOf(prompt);
    if (!this.#running.has(key)) {
      const request = this.decoder.ask(this.worker, 'predict', { key: this.key, prompt });
      const answer = request.finally(() => this.#running.delete(key));
      answer.catch(() => {}); // The caller may have gone.
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
