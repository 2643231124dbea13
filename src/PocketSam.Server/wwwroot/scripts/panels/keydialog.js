// Asks for the key of a service that wants one.

import { byId } from '../dom.js';

/** The key that was entered, or null. */
export function requestKey() {
  const dialog = byId('key-dialog');
  const input = byId('key-input');
  input.value = '';
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok' ? input.value.trim() : null), { once: true });
  });
}
