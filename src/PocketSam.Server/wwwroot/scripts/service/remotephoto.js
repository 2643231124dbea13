// One photo at the service. Operations wait for `ready()`. If the service does not answer or has lost the photo, it is
// uploaded again, so the user's work outlives the service.

import { isAbort, ServiceError } from './errors.js';
import { orAbort, pauseBefore, sleep } from './backoff.js';

/** Number of times that a photo is uploaded again to a service that keeps losing it. */
const PATIENCE = 6;

export class RemotePhoto {
  #opening = null;
  #life = new AbortController();
  #hurry = new AbortController();

  /**
   * `register(onProgress, signal)` uploads the photo and resolves to its resource; `forget(id)` deletes it. `onState({
   * phase, fraction, position, message })` reports the state.
   */
  constructor(api, { register, forget }, onState) {
    this.api = api;
    this.register = register;
    this.forget = forget;
    this.onState = onState;
    this.id = null;
    this.resource = null;
  }

  /** Resolves to the photo's resource once its embedding is there. A final refusal of the service stays. */
  ready(signal) {
    if (!this.#opening) {
      this.#opening = this.#open();
      this.#opening.catch(() => {});
    }
    return orAbort(this.#opening, signal);
  }

  /** Tries `ready()` again after a refusal. */
  reopen() {
    this.#opening = null;
    return this.ready();
  }

  /** Resolves when the photo is ready again after the service changed its model, which discards its photos. */
  renew() {
    this.id = null;
    return this.reopen();
  }

  /** Runs `work(id)` on the ready photo, and again after temporary errors. */
  async use(work, signal) {
    for (let attempt = 0; ; attempt++) {
      const { id } = await this.ready(signal);
      try {
        return await work(id);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        if (error.isForgotten && attempt < PATIENCE) {
          this.#lose(id);
          continue;
        }
        if (error.code === 'not_ready' || error.isUnreachable) this.#opening = null;
        else if (!error.isPassing || attempt >= PATIENCE) throw error;
        await this.#rest(error, attempt, signal);
      }
    }
  }

  /** Ends the pause before the next attempt. */
  retryNow() {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  close() {
    this.#life.abort();
    if (this.id) this.forget(this.id);
  }

  #lose(id) {
    if (this.id !== id) return;
    this.id = null;
    this.#opening = null;
  }

  async #open() {
    const { signal } = this.#life;
    for (let attempt = 0; ; attempt++) {
      try {
        if (!this.id) await this.#register(signal);
        await this.#follow(signal);
        this.onState({ phase: 'ready' });
        return this.resource;
      } catch (error) {
        if (isAbort(error) || signal.aborted) throw error;
        if (error.isForgotten && this.id && attempt < PATIENCE) {
          this.id = null;
        } else if (error.isPassing) {
          await this.#rest(error, attempt, signal);
        } else {
          this.onState({ phase: 'failed', message: error.message });
          throw error;
        }
      }
    }
  }

  async #register(signal) {
    this.onState({ phase: 'uploading', fraction: 0 });
    this.resource = await this.register((fraction) => this.onState({ phase: 'uploading', fraction }), signal);
    this.id = this.resource.id;
  }

  async #follow(signal) {
    let resource = await this.api.image(this.id, signal);
    this.#tell(resource);
    while (resource.state !== 'ready') {
      if (resource.state === 'failed') {
        this.id = null;
        throw new ServiceError(resource.error?.detail ?? resource.error ?? 'The photo could not be encoded.', { status: 422 });
      }
      for await (const { name, data } of this.#events(signal)) {
        if (name === 'progress') this.onState({ phase: 'encoding', fraction: data.fraction });
        else if (name === 'state') this.#tell((resource = data));
        else if (name === 'error') throw new ServiceError(data.detail ?? data.title, data);
      }
      if (resource.state !== 'ready' && resource.state !== 'failed') resource = await this.api.image(this.id, signal);
    }
    this.resource = resource;
  }

  async *#events(signal) {
    try {
      yield* this.api.imageEvents(this.id, signal);
    } catch (error) {
      // A broken stream counts as no answer.
      throw isAbort(error) || error instanceof ServiceError ? error : ServiceError.unreachable();
    }
  }

  #tell({ state, position = 0 }) {
    if (state === 'queued' || state === 'encoding') this.onState({ phase: state, position });
  }

  async #rest(error, attempt, signal) {
    const pause = error.retryAfter ? error.retryAfter * 1000 : pauseBefore(attempt);
    const message = error.isUnreachable ? 'The service does not answer.' : error.message;
    this.onState({ phase: 'lost', message, until: Date.now() + pause });
    try {
      await sleep(pause, AbortSignal.any([this.#hurry.signal, ...(signal ? [signal] : [])]));
    } catch (reason) {
      if (signal?.aborted) throw reason;
    }
  }
}
