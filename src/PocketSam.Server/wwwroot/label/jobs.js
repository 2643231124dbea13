// Background jobs, followed until they end.

import { byId, element, icon } from '../scripts/dom.js';
import { sleep } from '../scripts/service/backoff.js';
import { ServiceError } from '../scripts/service/errors.js';

const TITLES = { proposals: 'Proposals', similar: 'More like this', words: 'Finding by word', classify: 'Guessing classes', improve: 'Improving', import: 'Import', export: 'Export' };

/** Interval of polling in milliseconds, for jobs whose events do not arrive. */
const PAUSE = 1500;

export class Jobs {
  constructor(app) {
    this.app = app;
    this.list = byId('jobs');
    app.store.watch(['jobs'], ({ jobs }) => this.#show(jobs));
  }

  async load() {
    const { jobs } = await this.app.label.jobs();
    this.app.store.update({ jobs: jobs.reverse() }); // The latest last, in the order of events.
  }

  told(job) {
    const { jobs } = this.app.state;
    const isKnown = jobs.some(({ id }) => id === job.id);
    this.app.store.update({ jobs: isKnown ? jobs.map((old) => (old.id === job.id ? job : old)) : [...jobs, job] });
  }

  get(kind) {
    return this.app.state.jobs.findLast((job) => job.kind === kind) ?? null;
  }

  async begin(kind, request) {
    const begun = await this.app.label.begin(kind, request);
    this.told(begun);
    return begun;
  }

  /**
   * Starts a job and returns a promise of its result, which is rejected if the job fails. Null if it is stopped without
   * a result.
   */
  async run(kind, request, onProgress = () => {}) {
    return this.follow((await this.begin(kind, request)).id, onProgress);
  }

  async follow(id, onProgress = () => {}) {
    for (let asked = performance.now(); ;) {
      const job = this.app.state.jobs.find((candidate) => candidate.id === id);
      if (job) onProgress(job);
      if (job?.state === 'done') return job.result ?? {};
      if (job?.state === 'failed') throw new ServiceError(job.error || 'The work in the background failed.');
      if (job?.state === 'cancelled') return job.result ?? null;
      await sleep(150);
      if (performance.now() - asked < PAUSE) continue;
      asked = performance.now();
      await this.load().catch(() => {}); // If the service is unavailable, the next response has the state.
    }
  }

  async cancel(id) {
    await this.app.label.cancel(id).catch((error) => this.app.tell(error, 'jobs'));
  }

  #show(jobs) {
    const running = jobs.filter(({ state }) => state === 'running');
    this.list.replaceChildren(...running.map((job) => {
      const progress = element('progress', { max: job.total || 1, aria: { label: TITLES[job.kind] ?? job.kind } });
      if (job.total) progress.value = job.done;
      return element('li', { class: 'job' },
        element('span', {}, `${TITLES[job.kind] ?? job.kind}${job.total ? ` ${job.done.toLocaleString()} of ${job.total.toLocaleString()}` : ''}`),
        element('button', { class: 'icon-button', type: 'button', title: 'Stop', aria: { label: `Stop ${TITLES[job.kind] ?? job.kind}` }, on: { click: () => this.cancel(job.id) } }, icon('close')),
        progress);
    }));
  }
}
