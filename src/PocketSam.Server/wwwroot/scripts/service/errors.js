// Errors of the service and the connection, with messages for the user.

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

  /** The error of a failed response, from its problem details if it has any. */
  static of(status, body, retryAfter) {
    let problem = {};
    try {
      problem = JSON.parse(body);
    } catch {
      // A proxy may answer in HTML.
    }
    const message = problem.detail || problem.title || `The service answered with status ${status}.`;
    return new ServiceError(message, { status, code: problem.code ?? '', retryAfter: Number(retryAfter) || 0, problem });
  }

  get isUnreachable() {
    return this.code === 'unreachable';
  }

  /** Whether the same request may succeed a little later. */
  get isPassing() {
    return this.isUnreachable || BUSY.includes(this.status);
  }

  /** Whether the service cannot search for these words. */
  get isOfWords() {
    return ['words_unknown', 'invalid_prompt'].includes(this.code);
  }

  /** Whether the service does not have the photo: it was evicted, or the service has restarted. */
  get isForgotten() {
    return this.code === 'image_unknown' || (this.status === 404 && this.code === '');
  }
}

export function isAbort(error) {
  return error?.name === 'AbortError';
}

/** Turns a problem's detail into a full sentence. */
export function sentence(text) {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
