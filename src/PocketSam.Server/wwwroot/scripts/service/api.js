// The HTTP interface of the service. Addresses are relative, so the page works under any path that a host maps.

import { ServiceError, isAbort } from './errors.js';
import { readEvents } from './eventstream.js';

const ROOT = 'api/v1/';
const KEY_NAME = 'pocketsam.api-key';

export class Api {
  #key = sessionStorage.getItem(KEY_NAME);
  #keyRequest = null;

  /** `requestKey` opens a dialog and promises the key that a person entered, or null. */
  constructor(requestKey) {
    this.requestKey = requestKey;
  }

  info(signal) {
    return this.#json('info', { signal });
  }

  samples(signal) {
    return this.#json('samples', { signal });
  }

  async sample(url) {
    const response = await this.#fetch(url, {}, '');
    return response.blob();
  }

  image(id, signal) {
    return this.#json(`images/${id}`, { signal });
  }

  forget(id) {
    return this.#fetch(`images/${id}`, { method: 'DELETE', keepalive: true });
  }

  async *imageEvents(id, signal) {
    yield* readEvents(await this.#fetch(`images/${id}/events`, { signal }));
  }

  /** The decoder as ONNX. */
  async decoder() {
    return this.#bytes(await this.#fetch('decoder.onnx'));
  }

  /** The embedding in half precision, and the tag of the decoder that it is for. */
  async embedding(id, signal) {
    const response = await this.#fetch(`images/${id}/embedding`, { signal });
    return { values: await this.#bytes(response), decoder: response.headers.get('X-Decoder') };
  }

  predict(id, objects, signal) {
    return this.#json(`images/${id}/predict`, { method: 'POST', body: { objects }, signal });
  }

  async *everything(id, options, signal) {
    yield* readEvents(await this.#fetch(`images/${id}/everything`, { method: 'POST', body: options, signal }));
  }

  /** The file, and the name that the service gives it. */
  async export(id, request, signal) {
    const response = await this.#fetch(`images/${id}/export`, { method: 'POST', body: request, signal });
    const [, name] = /filename="?([^";]+)"?/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
    return { blob: await response.blob(), name: name ?? '' };
  }

  /** Uploads with progress, which `fetch` does not tell; `onProgress(share)`. */
  async upload(blob, name, onProgress, signal) {
    for (;;) {
      try {
        return await this.#send(blob, name, onProgress, signal);
      } catch (error) {
        if (error.status !== 401 || !(await this.#newKey())) throw error;
      }
    }
  }

  #send(blob, name, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', `${ROOT}images?name=${encodeURIComponent(name)}`);
      request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
      if (this.#key) request.setRequestHeader('X-Api-Key', this.#key);
      const stop = () => request.abort();
      signal?.addEventListener('abort', stop, { once: true });
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onload = () => {
        const { status, responseText } = request;
        if (status >= 200 && status < 300) resolve(JSON.parse(responseText));
        else reject(ServiceError.of(status, responseText, request.getResponseHeader('Retry-After')));
      };
      request.onerror = () => reject(ServiceError.unreachable());
      request.onabort = () => reject(signal?.reason ?? new DOMException('The upload was stopped.', 'AbortError'));
      request.onloadend = () => signal?.removeEventListener('abort', stop);
      request.send(blob);
    });
  }

  async #json(path, options) {
    return this.#read(await this.#fetch(path, options), 'json');
  }

  #bytes(response) {
    return this.#read(response, 'arrayBuffer');
  }

  async #read(response, form) {
    try {
      return await response[form]();
    } catch (error) {
      throw isAbort(error) ? error : ServiceError.unreachable();
    }
  }

  async #fetch(path, { method = 'GET', body, signal, keepalive } = {}, root = ROOT) {
    for (;;) {
      const headers = {};
      if (body) headers['Content-Type'] = 'application/json';
      if (this.#key) headers['X-Api-Key'] = this.#key;
      let response;
      try {
        response = await fetch(root + path, { method, headers, signal, keepalive, body: body && JSON.stringify(body) });
      } catch (error) {
        throw isAbort(error) ? error : ServiceError.unreachable();
      }
      if (response.ok) return response;
      if (response.status === 401 && (await this.#newKey())) continue;
      throw ServiceError.of(response.status, await response.text(), response.headers.get('Retry-After'));
    }
  }

  async #newKey() {
    this.#keyRequest ??= this.requestKey().finally(() => (this.#keyRequest = null));
    const key = await this.#keyRequest;
    if (!key) return false;
    this.#key = key;
    sessionStorage.setItem(KEY_NAME, key);
    return true;
  }
}
