// The names of classes in the order of their numbers: one list for all pictures, so that exports of several agree.

import { recall, remember } from './storage.js';

const KEY = 'classes';

/** As the service calls masks without a name. */
const UNNAMED = 'object';

let known = [];

/** The list, which the classes of these objects are among: those that are new come at its end. */
export function classesWith(objects) {
  known = [...new Set([...recall(KEY, known), ...objects.map(({ name }) => name.trim() || UNNAMED)])];
  remember(KEY, known);
  return known;
}
