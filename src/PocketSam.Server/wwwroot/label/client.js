// The HTTP interface of labelling.

import { ServiceError, isAbort } from '../scripts/service/errors.js';

const ROOT = new URL('../api/label/', import.meta.url);
const SERVICE = new URL('../api/v1/', import.meta.url);
const TAB_NAME = 'pocketsam.label.tab';

export class Client {
  constructor() {
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
  open(id) { return this.#json(`pictures/${id}/open`, { method: 'POST', body: {} }); }
  close(id) { return this.#json(`pictures/${id}/close`, { method: 'POST', body: {}, keepalive: true }); }
  addClass(body) { return this.#json('classes', { method: 'POST', body }); }
  changeClass(id, body) { return this.#json(`classes/${id}`, { method: 'PUT', body }); }
  imageUrl(id) { return new URL(`pictures/${id}/image`, ROOT).href; }
  thumbnailUrl(id) { return new URL(`pictures/${id}/thumbnail`, ROOT).href; }
  eventsUrl() { return new URL('events', ROOT).href; }

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
    const headers = { 'X-Labeller': /^[\x21-\x7e][\x20-\x7e]*$/.test(this.labeller) ? this.labeller : encodeURIComponent(this.labeller), 'X-Tab': this.tab };
    if (body) headers['Content-Type'] = 'application/json';
    let response;
    try {
      response = await fetch(url, { method, headers, signal, keepalive, body: body && JSON.stringify(body) });
    } catch (error) {
      throw isAbort(error) ? error : ServiceError.unreachable();
    }
    if (response.ok) return response;
    const text = await response.text();
    const error = ServiceError.of(response.status, text, response.headers.get('Retry-After'));
    if (response.status === 409) error.theirs = JSON.parse(text);
    throw error;
  }
}

/** One for each tab, which outlives a reload. */
function tabName() {
  const name = sessionStorage.getItem(TAB_NAME) ?? crypto.randomUUID?.() ?? Math.random().toString(36).slice(2);
  sessionStorage.setItem(TAB_NAME, name);
  return name;
}
