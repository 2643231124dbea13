// Classes, the objects of the picture, its review.

import { byId, element, icon } from '../scripts/dom.js';
import { STATES, STATE_WORDS } from './app.js';

export function mountClasses(app) {
  const list = byId('classes-list');
  byId('class-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = byId('class-name');
    const name = input.value.trim();
    if (name && (await app.addClass(name))) input.value = '';
  });
  app.store.watch(['classes', 'activeClass'], ({ classes, activeClass }) => {
    if (list.contains(document.activeElement) && document.activeElement.matches('input')) return;
    list.replaceChildren(...classes.map((item) => row(item, item.id === activeClass)));
  });

  function row(item, isActive) {
    const key = Array.from({ length: 9 }, (_, i) => String(i + 1)).find((digit) => app.classByKey(digit)?.id === item.id);
    const color = element('input', {
      class: 'swatch', type: 'color', value: item.color, title: `Colour of ${item.name}`, aria: { label: `Colour of ${item.name}` },
      on: { change: ({ target }) => {
        target.blur();
        app.changeClass(item.id, { color: target.value });
      } },
    });
    const name = element('button', {
      class: 'row-main', type: 'button', title: 'Label with this class', aria: { pressed: String(isActive) }, on: { click: () => app.chooseClass(item) },
    }, item.name);
    const rename = element('button', {
      class: 'icon-button', type: 'button', title: `Rename ${item.name}`, aria: { label: `Rename ${item.name}` }, on: { click: () => edit(made, item) },
    }, icon('edit'));
    const made = element('li', { class: `row${isActive ? ' is-selected' : ''}`, data: { class: item.name } }, color, name,
      element('span', { class: 'row-count' }, item.objects ? String(item.objects) : ''), rename, key ? element('kbd', {}, key) : null);
    return made;
  }

  function edit(made, item) {
    const input = element('input', { class: 'text', value: item.name, maxLength: 100, aria: { label: `New name of ${item.name}` } });
    let isDone = false;
    const finish = (isKept) => {
      if (isDone) return;
      isDone = true;
      const name = input.value.trim();
      input.replaceWith(element('span', { class: 'row-main' }, item.name));
      if (isKept && name && name !== item.name) app.changeClass(item.id, { name });
      else app.store.update({ classes: [...app.state.classes] });
    };
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') finish(true);
      else if (event.key === 'Escape') finish(false);
    });
    input.addEventListener('blur', () => finish(true));
    made.querySelector('.row-main').replaceWith(input);
    input.focus();
    input.select();
  }
}

export function mountObjects(app) {
  const list = byId('objects-list');
  let signature = '';
  app.store.watch(['picture', 'classes', 'selected'], ({ picture, classes, selected }) => {
    const objects = picture?.objects ?? [];
    byId('objects-count').textContent = objects.length || '';
    byId('objects-none').hidden = objects.length > 0 || !picture;
    const now = JSON.stringify([picture?.id, classes.map(({ id, name, color }) => [id, name, color]), objects.map(({ id, classId }) => [id, classId])]);
    if (now !== signature) {
      signature = now;
      const focused = list.contains(document.activeElement) ? [...list.children].findIndex((made) => made.contains(document.activeElement)) : -1;
      list.replaceChildren(...objects.map((object, index) => row(object, index, classes)));
      if (focused >= 0) list.children[Math.min(focused, list.children.length - 1)]?.querySelector('.row-number').focus();
    }
    objects.forEach(({ id }, index) => {
      const made = list.children[index];
      const isSelected = selected.includes(id);
      if (isSelected && !made.classList.contains('is-selected') && selected.length === 1) made.scrollIntoView({ block: 'nearest' });
      made.classList.toggle('is-selected', isSelected);
      made.querySelector('.row-number').setAttribute('aria-pressed', String(isSelected));
    });
  });

  function row(object, index, classes) {
    const { id } = object;
    const title = `object ${index + 1}, ${app.nameOf(object)}`;
    const select = element('select', {
      aria: { label: `Class of ${title}` },
      on: { change: ({ target }) => app.commit('class', [{ op: 'update', id, object: { classId: classes[target.selectedIndex].id } }]) },
    }, ...classes.map((item) => element('option', { selected: item.id === object.classId }, item.name)));
    const number = element('button', {
      class: 'row-number', type: 'button', aria: { label: `Select ${title}` },
      on: { click: ({ shiftKey }) => {
        const { selected } = app.state;
        if (!shiftKey) app.select(selected.length === 1 && selected[0] === id ? [] : [id]);
        else app.select(selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]);
      } },
    }, String(index + 1));
    const made = element('li', { class: 'row object' }, number, select, element('button', {
      class: 'icon-button', type: 'button', title: 'Delete', aria: { label: `Delete ${title}` }, on: { click: () => app.remove([id]) },
    }, icon('trash')));
    made.style.setProperty('--color', app.colorOf(object));
    return made;
  }
}

export function mountReview(app) {
  const bar = byId('review');
  const comment = byId('comment');
  const buttons = STATES.map((state) => element('button', {
    class: 'button', type: 'button', data: { state }, on: { click: () => app.setReview(state) },
  }, STATE_WORDS[state]));
  bar.append(...buttons);
  comment.addEventListener('change', () => app.state.picture && app.setReview(app.state.picture.state, comment.value.trim()));
  app.store.watch(['picture'], ({ picture }, previous) => {
    for (const button of buttons) {
      button.disabled = !picture;
      button.setAttribute('aria-pressed', String(button.dataset.state === picture?.state));
    }
    comment.disabled = !picture;
    if (document.activeElement !== comment || picture?.id !== previous.picture?.id) comment.value = picture?.comment ?? '';
  });
}
