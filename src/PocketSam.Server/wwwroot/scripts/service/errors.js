// What goes wrong between the page and the service, in words for a person.

const BUSY = [429, 502, 503, 504];

export class ServiceError extends Error {
  constructor(message, { status = 0, code = '', retryAfter = 0, problem = {} } = {}) {
    super(message);
    this.name = 'ServiceError';
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.problem = problem;
  }

  static unreachable() {
    return new ServiceError('The service does not answer.', { code: 'unreachable' });
  }

  /** From an answer that is not a success: its problem details where it has some. */
  static of(status, body, retryAfter) {
    let problem = {};
    try {
      problem = JSON.parse(body);
    } catch {
      // A proxy on the way answers in HTML.
    }
    const message = problem.detail || problem.title || `The service answered with status ${status}.`;
    return new ServiceError(message, { status, code: problem.code ?? '', retryAfter: Number(retryAfter) || 0, problem });
  }

  get isUnreachable() {
    return this.code === 'unreachable';
  }

  /** The same request may well succeed a little later. */
  get isPassing() {
    return this.isUnreachable || BUSY.includes(this.status);
  }

  /** The words that were asked for are not such as can be looked for. */
  get isOfWords() {
    return ['words_unknown', 'invalid_prompt'].includes(this.code);
  }

  /** The service no longer has the photo: it was evicted, or the service was started anew. */
  get isForgotten() {
    return this.code === 'image_unknown' || (this.status === 404 && this.code === '');
  }
}

export function isAbort(error) {
  return error?.name === 'AbortError';
}

/** A detail of a problem as a sentence that others may follow. */
export function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
