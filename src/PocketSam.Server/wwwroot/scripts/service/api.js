// The service's operations on pictures.

import { readEvents } from './eventstream.js';
import { bytesOf } from './http.js';

const ROOT = 'api/v1/';

export class Api {
  constructor(http) {
    this.http = http;
  }

  info(signal) {
    return this.http.json(`${ROOT}info`, { signal });
  }

  samples(signal) {
    return this.http.json(`${ROOT}samples`, { signal });
  }

  async sample(url) {
    const response = await this.http.fetch(url);
    return response.blob();
  }

  image(id, signal) {
    return this.http.json(`${ROOT}images/${id}`, { signal });
  }

  forget(id) {
    return this.http.fetch(`${ROOT}images/${id}`, { method: 'DELETE', keepalive: true });
  }

  async *imageEvents(id, signal) {
    yield* readEvents(await this.http.fetch(`${ROOT}images/${id}/events`, { signal }));
  }

  /** The bytes of the decoder's ONNX file. */
  async decoder() {
    return bytesOf(await this.http.fetch(`${ROOT}decoder.onnx`));
  }

  /** The packed embedding, and the tag of the decoder that it belongs to. */
  async embedding(id, signal) {
    const response = await this.http.fetch(`${ROOT}images/${id}/embedding`, { signal });
    return { values: await bytesOf(response), decoder: response.headers.get('X-Decoder') };
  }

  predict(id, objects, signal) {
    return this.http.json(`${ROOT}images/${id}/predict`, { method: 'POST', body: { objects }, signal });
  }

  async *everything(id, options, signal) {
    yield* readEvents(await this.http.fetch(`${ROOT}images/${id}/everything`, { method: 'POST', body: options, signal }));
  }

  async *find(id, request, signal) {
    yield* readEvents(await this.http.fetch(`${ROOT}images/${id}/find`, { method: 'POST', body: request, signal }));
  }

  /** The exported file and its name from the service. */
  export(id, request, signal) {
    return this.http.file(`${ROOT}images/${id}/export`, { method: 'POST', body: request, signal });
  }

  /** Uploads a picture; calls `onProgress` with the fraction sent, 0 to 1. */
  upload(blob, name, onProgress, signal) {
    const type = blob.type || 'application/octet-stream';
    return this.http.upload(`${ROOT}images?name=${encodeURIComponent(name)}`, blob, { type, onProgress, signal });
  }
}
