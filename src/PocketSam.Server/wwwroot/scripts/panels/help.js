// The list of keyboard shortcuts.

import { byId, element } from '../dom.js';

export function mountHelp(app) {
  const dialog = byId('help-dialog');
  const single = byId('single-keys');
  byId('help').addEventListener('click', show);
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  single.addEventListener('change', () => app.store.update({ singleKeys: single.checked }));
  app.store.watch(['singleKeys'], ({ singleKeys }) => (single.checked = singleKeys));

  function show() {
    if (!dialog.open) dialog.showModal();
  }

  /** Fills the list from the table of shortcuts. */
  function list(map) {
    const target = byId('help-keys');
    let terms;
    for (const row of map) {
      if (row.group) {
        terms = element('dl', {});
        target.append(element('section', {}, element('h3', {}, row.group), terms));
      } else if (row.keys) {
        terms.append(element('div', {}, element('dt', {}, ...caps(row.keys)), element('dd', {}, row.does)));
      }
    }
  }
  return { show, list };
}

function caps(keys) {
  return keys.split(/( or | and | to |, )/).map((part, i) => (i % 2 ? part : element('kbd', {}, part)));
}
