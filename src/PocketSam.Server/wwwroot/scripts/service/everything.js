// Reads the events of searches for masks.

import { maskOf } from '../model/mask.js';
import { maskColor } from '../model/palette.js';
import { ServiceError, isAbort } from './errors.js';

/** Calls `tell({ done, total })` and `tell({ masks })` as they come; ends when the search is complete. */
export function readEverything(api, id, options, signal, tell) {
  return read(api.everything(id, options, signal), tell, {
    stepOf: ({ done, total }) => ({ done, total }),
    maskOf: (data, index) => ({ ...maskOf(data), color: maskColor(index) }),
    endOf: () => ({}),
  });
}

/**
 * As `readEverything` for a search by words: each mask has its phrase as name, the phrase's colour, and a score; at the
 * end calls `tell({ notFound })`.
 */
export function readWords(api, id, request, signal, tell) {
  const phrases = [];
  const placeOf = (phrase) => (phrases.includes(phrase) ? phrases.indexOf(phrase) : phrases.push(phrase) - 1);
  return read(api.find(id, request, signal), tell, {
    stepOf: ({ fraction }) => ({ done: fraction, total: 1 }),
    maskOf: ({ phrase, score, mask }) => ({ ...maskOf(mask), color: maskColor(placeOf(phrase)), name: phrase, score }),
    endOf: ({ not_found: notFound }) => ({ notFound }),
  });
}

async function read(events, tell, { stepOf, maskOf: make, endOf }) {
  let masks = [];
  tell({ masks });
  try {
    for await (const { name, data } of events) {
      if (name === 'progress') tell(stepOf(data));
      else if (name === 'error') throw new ServiceError(data.detail ?? data.title, data);
      else if (name === 'done') {
        tell(endOf(data));
        return;
      } else if (name === 'mask') tell({ masks: (masks = [...masks, make(data, masks.length)]) });
    }
  } catch (error) {
    throw isAbort(error) || error instanceof ServiceError ? error : ServiceError.unreachable();
  }
  throw ServiceError.unreachable(); // A stream without an end event was cut off.
}
