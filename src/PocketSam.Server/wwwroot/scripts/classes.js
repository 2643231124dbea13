// Names of classes in the order of their numbers: one list for all pictures, so that exports of several pictures agree.

import { recall, remember } from './storage.js';

const KEY = 'classes';

/** The service's name for masks without a name. */
const UNNAMED = 'object';

let known = [];

/** The list, extended at its end by new names of these objects. */
export function classesWith(objects) {
  known = [...new Set([...recall(KEY, known), ...objects.map(({ name }) => name.trim() || UNNAMED)])];
  remember(KEY, known);
  return known;
}
