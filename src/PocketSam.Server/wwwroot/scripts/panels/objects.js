// The list of accepted objects: name, colour, hide, edit, delete.

import { byId, element, icon, setIcon } from '../dom.js';
import * as documents from '../model/document.js';
import { percent } from '../model/filters.js';

export function mountObjects(app) {
  const { store } = app;
  const list = byId('objects-list');
  const rows = new Map();

  store.watch(['document', 'photo'], ({ document, photo }) => {
    const { objects } = document;
    byId('objects').dataset.count = objects.length;
    byId('objects-count').textContent = objects.length;
    byId('objects-tab-count').textContent = objects.length || '';
    const kept = new Set(objects.map((object) => object.id));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      moveFocusFrom(row);
      row.element.remove();
      rows.delete(id);
    }
    objects.forEach((object, index) => {
      if (!rows.has(object.id)) rows.set(object.id, makeRow(app, object.id));
      const row = rows.get(object.id);
      if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
      row.show(object, documents.titleOf(document, object), photo, document.draft.editing === object.id);
    });
  });
  store.watch(['selected', 'highlight', 'document'], ({ selected, highlight }) => {
    for (const [id, row] of rows) {
      const isSelected = id === selected;
      if (isSelected && !row.element.classList.contains('is-selected')) row.element.scrollIntoView({ block: 'nearest' });
      row.element.classList.toggle('is-selected', isSelected);
      row.element.classList.toggle('is-lit', id === highlight);
      row.element.setAttribute('aria-current', String(isSelected));
    }
  });
}

/** Moves the focus to the next row, so that deleting by keyboard can go on. */
function moveFocusFrom({ element: row }) {
  if (!row.contains(document.activeElement)) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  (next?.querySelector('.delete') ?? byId('surface')).focus();
}

function makeRow(app, id) {
  const change = (values, tag) => app.session.edit((value) => documents.changeObject(value, id, values), { tag });
  const color = element('input', {
    type: 'color', class: 'swatch', on: { input: () => change({ color: color.value }, `color-${id}`) },
  });
  const name = element('input', {
    type: 'text', class: 'object-name', autocomplete: 'off', maxLength: 80,
    on: {
      input: () => change({ name: name.value }, `name-${id}`),
      focus: () => app.store.update({ selected: id }),
      keydown: (event) => ['Enter', 'Escape'].includes(event.key) && byId('surface').focus(),
    },
  });
  name.setAttribute('list', 'names');
  const facts = element('span', { class: 'facts' });
  const button = (iconName, className, run) => element('button', {
    class: `icon-button ${className}`, type: 'button', on: { click: run },
  }, icon(iconName));
  const hide = button('eye', 'hide', () => {
    const object = app.state.document.objects.find((candidate) => candidate.id === id);
    change({ visible: !object.visible });
  });
  const edit = button('edit', 'edit', () => app.session.editObject(id));
  const remove = button('trash', 'delete', () => app.session.edit((value) => documents.removeObject(value, id)));
  const row = element('li', {
    class: 'object', data: { id },
    on: {
      pointerenter: () => app.store.update({ highlight: id }),
      pointerleave: () => app.store.update({ highlight: null }),
      click: (event) => event.target.closest('input, button') || app.store.update({ selected: id }),
    },
  }, color, element('div', { class: 'object-text' }, name, facts), hide, edit, remove);

  function show(object, title, photo, isEdited) {
    color.value = object.color;
    if (document.activeElement !== name) name.value = object.name;
    name.placeholder = title;
    facts.textContent = isEdited ? 'in work again' : factsOf(object.mask, photo);
    setIcon(hide, object.visible ? 'eye' : 'eye-off');
    row.classList.toggle('is-hidden', !object.visible);
    describe(color, `Colour of ${title}`);
    describe(name, `Name of ${title}`);
    describe(hide, `${object.visible ? 'Hide' : 'Show'} ${title}`);
    describe(edit, `Edit ${title}`);
    describe(remove, `Delete ${title}`);
  }
  return { element: row, show };
}

function describe(control, label) {
  control.setAttribute('aria-label', label);
  control.title = label;
}

function factsOf(mask, photo) {
  return `IoU ${mask.iou.toFixed(2)} · ${percent(mask.area / (photo.width * photo.height))}`;
}
