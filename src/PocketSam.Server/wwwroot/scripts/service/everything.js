// The search for all masks, read as it goes.

import { maskOf } from '../model/mask.js';
import { maskColor } from '../model/palette.js';
import { ServiceError, isAbort } from './errors.js';

/** Calls `tell({ done, total })` and `tell({ masks })` as they come; ends when the service says that all are found. */
export async function readEverything(api, id, options, signal, tell) {
  let masks = [];
  tell({ masks });
  try {
    for await (const { name, data } of api.everything(id, options, signal)) {
      if (name === 'progress') tell({ done: data.done, total: data.total });
      else if (name === 'error') throw new ServiceError(data.detail ?? data.title, data);
      else if (name === 'done') return;
      else if (name === 'mask') tell({ masks: (masks = [...masks, { ...maskOf(data), color: maskColor(masks.length) }]) });
    }
  } catch (error) {
    throw isAbort(error) || error instanceof ServiceError ? error : ServiceError.unreachable();
  }
  throw ServiceError.unreachable(); // A stream that ends early was cut.
}
