// Pauses between attempts, longer each time, that a signal can end early.

const FIRST = 400;
const LONGEST = 5000;

export function pauseBefore(attempt) {
  return Math.min(LONGEST, FIRST * 2 ** attempt);
}

export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
    function done() {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
  });
}

/** The result of the promise or the abort of `signal`, whichever comes first; the work behind the promise goes on. */
export function orAbort(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
