// Asks the user for the service's key.

import { ask, byId } from '../dom.js';

/** The entered key, or null. */
export async function requestKey() {
  const input = byId('key-input');
  input.value = '';
  return (await ask(byId('key-dialog'))) === 'ok' ? input.value.trim() : null;
}
