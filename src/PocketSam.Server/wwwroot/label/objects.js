// The objects of the picture: select (several with Shift or Ctrl), set the class, hide, zoom, delete, and change their
// shapes.

import { byId, element, icon, setIcon } from '../scripts/dom.js';
import { percent } from '../scripts/model/filters.js';
import { isSelected } from '../scripts/selectors.js';

const WORDS = { click: 'clicked', box: 'boxed', brush: 'painted', polygon: 'polygon', proposal: 'proposal', import: 'imported', copy: 'copied', edit: 'edited', similar: 'alike', words: 'found by word' };

export function mountObjects(app) {
  const { store } = app;
  const list = byId('objects-list');
  const rows = new Map();
  const actions = {
    'edit-prompts': () => app.session?.editObject(app.state.selected),
    'edit-outline': () => app.editOutline(),
    'zoom-object': () => app.zoomToSelected(),
    'copy-next': () => app.copyToNext(),
    merge: () => app.merge(),
    split: () => app.split(),
    'fill-holes': () => app.fillHoles(),
    'drop-islands': () => app.dropIslands(),
    'delete-objects': () => app.deleteSelected(),
  };
  for (const [id, run] of Object.entries(actions)) byId(id).addEventListener('click', run);

  store.watch(['document', 'classes', 'photo'], ({ document: { objects, draft }, classes, photo }, previous) => {
    const isSame = objects === previous.document?.objects && draft.editing === previous.document?.draft.editing
      && classes === previous.classes && photo === previous.photo;
    if (isSame) return; // The draft changes with every move of the pointer.
    byId('objects').dataset.count = objects.length;
    byId('objects-count').textContent = objects.length;
    byId('objects-tab-count').textContent = objects.length || '';
    const kept = new Set(objects.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    objects.forEach((object, index) => {
      if (!rows.has(object.id)) rows.set(object.id, makeRow(app, object.id));
      const row = rows.get(object.id);
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
      row.show(object, index, classes, photo, draft.editing === object.id);
    });
  });
  store.watch(['selected', 'also', 'highlight', 'document'], (state) => {
    let count = 0;
    for (const [id, { element: row }] of rows) {
      const is = isSelected(state, id);
      count += is;
      if (is && !row.classList.contains('is-selected')) row.scrollIntoView({ block: 'nearest' });
      row.classList.toggle('is-selected', is);
      row.classList.toggle('is-lit', id === state.highlight);
      row.setAttribute('aria-current', String(is));
    }
    byId('objects').dataset.selected = count;
    byId('merge').disabled = count < 2;
    byId('edit-prompts').disabled = byId('edit-outline').disabled = byId('split').disabled = count !== 1;
  });
}

function makeRow(app, id) {
  const select = element('select', { class: 'object-class', on: { change: () => app.classify(id, app.state.classes[select.selectedIndex].id) } });
  const dot = element('button', { class: 'object-dot', type: 'button', on: { click: (event) => app.pick({ object: { id } }, event.shiftKey || event.ctrlKey || event.metaKey) } });
  const facts = element('span', { class: 'facts' });
  const hide = element('button', { class: 'icon-button hide', type: 'button', on: { click: () => app.session.setHidden(id, hide.getAttribute('aria-pressed') !== 'true') } }, icon('eye'));
  const row = element('li', {
    class: 'object', data: { id },
    on: {
      pointerenter: () => app.store.update({ highlight: id }),
      pointerleave: () => app.store.update({ highlight: null }),
      click: (event) => event.target.closest('select, button') || app.pick({ object: { id } }, event.shiftKey || event.ctrlKey || event.metaKey),
    },
  }, dot, element('div', { class: 'object-text' }, select, facts), hide);

  function show(object, index, classes, photo, isEdited) {
    dot.style.setProperty('--class', object.color);
    dot.textContent = index + 1;
    const title = `${object.name || 'Object'} ${index + 1}`;
    select.replaceChildren(...classes.map((one) => element('option', {}, one.name)));
    select.selectedIndex = classes.findIndex((one) => one.id === object.classId);
    const share = photo ? percent(object.mask.area / (photo.width * photo.height)) : '';
    facts.textContent = isEdited ? 'in work' : [WORDS[object.made] ?? object.made, share, object.who].filter(Boolean).join(' · ');
    setIcon(hide, object.visible ? 'eye' : 'eye-off');
    hide.setAttribute('aria-pressed', String(!object.visible));
    row.classList.toggle('is-hidden', !object.visible);
    for (const [control, label] of [[select, `Class of ${title}`], [dot, `Select ${title}`], [hide, `${object.visible ? 'Hide' : 'Show'} ${title}`]]) {
      control.title = label;
      control.setAttribute('aria-label', label);
    }
  }
  return { element: row, show };
}
