// Requests to the labelling service.

import { readEvents } from '../scripts/service/eventstream.js';

const ROOT = 'api/label/';

export class LabelApi {
  constructor(http) {
    this.http = http;
  }

  project(signal) {
    return this.http.json(`${ROOT}project`, { signal });
  }

  pictures(query, signal) {
    return this.http.json(`${ROOT}pictures?${new URLSearchParams(query)}`, { signal });
  }

  next(query) {
    return this.http.json(`${ROOT}pictures/next?${new URLSearchParams(query)}`);
  }

  picture(id, signal) {
    return this.http.json(pathOf(id), { signal });
  }

  async image(id, signal) {
    return (await this.http.fetch(pathOf(id, 'image'), { signal })).blob();
  }

  async thumbnail(id, signal) {
    return (await this.http.fetch(pathOf(id, 'thumbnail'), { signal })).blob();
  }

  embed(id, signal) {
    return this.http.json(pathOf(id, 'embed'), { method: 'POST', body: {}, signal });
  }

  change(id, body) {
    return this.#post(pathOf(id, 'changes'), body);
  }

  /** `way` is `undo` or `redo`. */
  step(id, way, baseVersion) {
    return this.#post(pathOf(id, way), { baseVersion });
  }

  history(id) {
    return this.http.json(pathOf(id, 'history'));
  }

  addClass(values) {
    return this.#post(`${ROOT}classes`, values);
  }

  changeClass(id, values) {
    return this.http.json(`${ROOT}classes/${encodeURIComponent(id)}`, { method: 'PUT', body: values });
  }

  removeClass(id, to = null) {
    const target = to === null ? '' : `?to=${encodeURIComponent(to)}`;
    return this.http.fetch(`${ROOT}classes/${encodeURIComponent(id)}${target}`, { method: 'DELETE' });
  }

  open(id) {
    return this.#post(pathOf(id, 'open'), {});
  }

  close(id) {
    return this.http.fetch(pathOf(id, 'close'), { method: 'POST', body: {}, keepalive: true });
  }

  async *events(signal) {
    yield* readEvents(await this.http.fetch(`${ROOT}events`, { signal }));
  }

  /**
   * `source` is the search that made the proposals, `similar` or `words`; by default the proposals for all pictures.
   */
  proposals(id, source = '') {
    return this.http.json(pathOf(id, `proposals${source && `?source=${encodeURIComponent(source)}`}`));
  }

  dismiss(id, proposal) {
    return this.http.fetch(pathOf(id, `proposals/${encodeURIComponent(proposal)}/dismiss`), { method: 'POST', body: {} });
  }

  /** Starts a background job: `proposals`, `similar`, `words`, `classify` or `improve`. */
  begin(kind, request = {}) {
    return this.#post(ROOT + kind, request);
  }

  jobs() {
    return this.http.json(`${ROOT}jobs`);
  }

  cancel(job) {
    return this.http.fetch(`${ROOT}jobs/${encodeURIComponent(job)}`, { method: 'DELETE' });
  }

  /** `way` is `accept` for the improved model, or `back` for the one before it. */
  async decideImproved(way) {
    await this.http.fetch(`${ROOT}improve/${way}`, { method: 'POST', body: {} });
  }

  import(files, format, onProgress, signal) {
    const form = new FormData();
    for (const file of files) form.append('files', file, file.webkitRelativePath || file.name);
    return this.http.upload(`${ROOT}import?format=${encodeURIComponent(format)}`, form, { onProgress, signal });
  }

  export(query, signal) {
    return this.http.file(`${ROOT}export?${new URLSearchParams(query)}`, { signal });
  }

  #post(path, body) {
    return this.http.json(path, { method: 'POST', body });
  }
}

function pathOf(id, rest = '') {
  const path = `${ROOT}pictures/${encodeURIComponent(id)}`;
  return rest ? `${path}/${rest}` : path;
}
