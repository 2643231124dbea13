// Asks for the key of a service that wants one.

import { ask, byId } from '../dom.js';

/** The key that was entered, or null. */
export async function requestKey() {
  const input = byId('key-input');
  input.value = '';
  return (await ask(byId('key-dialog'))) === 'ok' ? input.value.trim() : null;
}
