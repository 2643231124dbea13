// The list of open photos in the header, and the dialog before a photo with unsaved objects is closed.

import { ask, byId, element } from '../dom.js';

export function mountPhotos(app) {
  const list = byId('photos');
  list.addEventListener('change', () => app.switchTo(list.value));
  app.store.watch(['photos'], ({ photos }) => {
    list.hidden = photos.length < 2;
    list.replaceChildren(...photos.map(({ id, name }) => element('option', { value: id }, name)));
    list.selectedIndex = 0;
  });
}

/** Asks whether a photo's objects may be lost. */
export async function confirmDrop(name, count) {
  byId('drop-text').textContent = `${name} has ${count === 1 ? 'an object' : `${count} objects`} that nothing keeps: not exported, `
    + 'and this browser does not let the page store anything. Opening one photo more closes it.';
  return (await ask(byId('drop-dialog'))) === 'drop';
}
