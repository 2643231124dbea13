// The HTTP interface of labelling.

import { readEvents } from '../scripts/service/eventstream.js';
import { ServiceError, isAbort } from '../scripts/service/errors.js';

const ROOT = new URL('../api/label/', import.meta.url);
const SERVICE = new URL('../api/v1/', import.meta.url);
const TAB_NAME = 'pocketsam.label.tab';
const KEY_NAME = 'pocketsam.api-key';

export class Client {
  #key = sessionStorage.getItem(KEY_NAME);
  #keyRequest = null;

  /** `requestKey` opens a dialog and promises the key that a person entered, or null. */
  constructor(requestKey) {
    this.requestKey = requestKey;
    this.labeller = 'someone';
    this.tab = tabName();
  }

  project() { return this.#json('project'); }
  pictures(query, signal) { return this.#json(`pictures?${new URLSearchParams(query)}`, { signal }); }
  picture(id, signal) { return this.#json(`pictures/${id}`, { signal }); }
  next(query) { return this.#json(`pictures/next?${new URLSearchParams(query)}`); }
  embed(id, signal) { return this.#json(`pictures/${id}/embed`, { method: 'POST', body: {}, signal }); }
  change(id, body) { return this.#json(`pictures/${id}/changes`, { method: 'POST', body }); }
  step(id, direction, baseVersion) { return this.#json(`pictures/${id}/${direction}`, { method: 'POST', body: { baseVersion } }); }
  similar(body) { return this.#json('similar', { method: 'POST', body }); }
  info() { return this.#json(new URL('info', SERVICE)); }
  open(id) { return this.#json(`pictures/${id}/open`, { method: 'POST', body: {} }); }
  close(id) { return this.#json(`pictures/${id}/close`, { method: 'POST', body: {}, keepalive: true }); }
  addClass(body) { return this.#json('classes', { method: 'POST', body }); }
  changeClass(id, body) { return this.#json(`classes/${id}`, { method: 'PUT', body }); }

  /** An address for an image element; a picture asked with a key comes as a blob, as such elements send none. */
  async thumbnail(id) {
    const url = new URL(`pictures/${id}/thumbnail`, ROOT);
    if (!this.#key) return url.href;
    return URL.createObjectURL(await (await this.#fetch(url)).blob());
  }

  async *events(signal) {
    yield* readEvents(await this.#fetch(new URL('events', ROOT), { signal }));
  }

  async export(query) {
    return (await this.#fetch(new URL(`export?${new URLSearchParams(query)}`, ROOT))).blob();
  }

  /** A COCO file. */
  async import(file) {
    return (await this.#fetch(new URL('import?format=coco', ROOT), { method: 'POST', body: file })).json();
  }

  async image(id, signal) {
    return (await this.#fetch(new URL(`pictures/${id}/image`, ROOT), { signal })).blob();
  }

  predict(imageId, objects, signal) {
    return this.#json(new URL(`images/${imageId}/predict`, SERVICE), { method: 'POST', body: { objects }, signal });
  }

  async #json(path, options) {
    const response = await this.#fetch(new URL(path, ROOT), options);
    const text = await response.text();
    return text ? JSON.parse(text) : {};
  }

  async #fetch(url, { method = 'GET', body, signal, keepalive } = {}) {
    for (;;) {
      const headers = { 'X-Labeller': encodeURIComponent(this.labeller), 'X-Tab': this.tab };
      const isFile = body instanceof Blob;
      if (body) headers['Content-Type'] = 'application/json';
      if (this.#key) headers['X-Api-Key'] = this.#key;
      let response;
      try {
        response = await fetch(url, { method, headers, signal, keepalive, body: body && !isFile ? JSON.stringify(body) : body });
      } catch (error) {
        throw isAbort(error) ? error : ServiceError.unreachable();
      }
      if (response.ok) return response;
      if (response.status === 401 && (await this.#newKey())) continue;
      const text = await response.text();
      const error = ServiceError.of(response.status, text, response.headers.get('Retry-After'));
      if (response.status === 409) error.theirs = JSON.parse(text);
      throw error;
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

/** One for each tab, which outlives a reload. */
function tabName() {
  const name = sessionStorage.getItem(TAB_NAME) ?? crypto.randomUUID?.() ?? Math.random().toString(36).slice(2);
  sessionStorage.setItem(TAB_NAME, name);
  return name;
}
