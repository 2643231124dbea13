// HTTP requests to the service, with the API key and with errors for the user. Addresses are relative, so the page
// works under any path that a host maps.

import { ServiceError, isAbort } from './errors.js';

const KEY_NAME = 'pocketsam.api-key';

export class Http {
  #key = sessionStorage.getItem(KEY_NAME);
  #keyRequest = null;

  /** `requestKey` asks the user and resolves to the entered key or null; `headersOf` returns further headers. */
  constructor(requestKey, headersOf = () => ({})) {
    this.requestKey = requestKey;
    this.headersOf = headersOf;
  }

  /** Sends a request; a `body` that is neither a file nor a form becomes JSON. */
  async fetch(path, { method = 'GET', body, signal, keepalive } = {}) {
    const isPlain = body !== undefined && !(body instanceof Blob) && !(body instanceof FormData);
    for (;;) {
      const headers = this.headers;
      if (isPlain) headers['Content-Type'] = 'application/json';
      let response;
      try {
        response = await fetch(path, { method, headers, signal, keepalive, body: isPlain ? JSON.stringify(body) : body });
      } catch (error) {
        throw isAbort(error) ? error : ServiceError.unreachable();
      }
      if (response.ok) return response;
      if (response.status === 401 && (await this.newKey())) continue;
      throw ServiceError.of(response.status, await response.text(), response.headers.get('Retry-After'));
    }
  }

  async json(path, options) {
    return read(await this.fetch(path, options), 'json');
  }

  /** The response's file and the name that the service gives it. */
  async file(path, options) {
    const response = await this.fetch(path, options);
    const [, name] = /filename="?([^";]+)"?/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
    return { blob: await response.blob(), name: name ?? '' };
  }

  /**
   * Sends a file with progress, which `fetch` does not report: calls `onProgress` with the fraction sent, 0 to 1.
   * Resolves to the response's JSON.
   */
  async upload(path, body, { type, onProgress = () => {}, signal } = {}) {
    for (;;) {
      try {
        return await this.#send(path, body, type, onProgress, signal);
      } catch (error) {
        if (error.status !== 401 || !(await this.newKey())) throw error;
      }
    }
  }

  get headers() {
    return this.#key ? { ...this.headersOf(), 'X-Api-Key': this.#key } : this.headersOf();
  }

  async newKey() {
    this.#keyRequest ??= this.requestKey().finally(() => (this.#keyRequest = null));
    const key = await this.#keyRequest;
    if (!key) return false;
    this.#key = key;
    sessionStorage.setItem(KEY_NAME, key);
    return true;
  }

  #send(path, body, type, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', path);
      if (type) request.setRequestHeader('Content-Type', type);
      for (const [name, value] of Object.entries(this.headers)) request.setRequestHeader(name, value);
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
      request.send(body);
    });
  }
}

/** The bytes of a response. */
export function bytesOf(response) {
  return read(response, 'arrayBuffer');
}

async function read(response, form) {
  try {
    return await response[form]();
  } catch (error) {
    throw isAbort(error) ? error : ServiceError.unreachable();
  }
}
