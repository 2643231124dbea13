// The words that the model knows: suggestions in a field, and a list with what was measured of each.

import { byId, element } from '../dom.js';

export function mountKnownWords(store, input) {
  let known = [];
  input.addEventListener('input', () => suggest());
  store.watch(['info'], ({ info }) => {
    known = info?.text?.words ?? [];
    byId('words-list').hidden = !known.length;
    byId('words-list-count').textContent = known.length;
    byId('words-list-rows').replaceChildren(...known.map(({ name, pictures, pointing }) => element('tr', {},
      element('th', { scope: 'row' }, name),
      element('td', {}, pictures ? `${Math.round(pointing * pictures)} of ${pictures}` : 'not asked'))));
    suggest();
  });

  /** Suggestions are whole values, so what stands before the last comma is part of each. */
  function suggest() {
    const before = input.value.slice(0, input.value.lastIndexOf(',') + 1);
    const start = before ? `${before} ` : '';
    const used = new Set(before.split(',').map((phrase) => phrase.trim().toLowerCase()));
    byId('words-known').replaceChildren(
      ...known.filter(({ name }) => !used.has(name)).map(({ name }) => element('option', { value: start + name })));
  }
}

/** Phrases as a sentence names them. */
export function quoted(phrases) {
  return phrases.map((phrase) => `“${phrase}”`).join(', ');
}
