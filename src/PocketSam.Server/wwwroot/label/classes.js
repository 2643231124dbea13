// The list of classes: keys for the first nine, colours, names and numbers of objects.

import { ask, byId, element, icon } from '../scripts/dom.js';
import { inkOn, maskColor } from '../scripts/model/palette.js';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

export function mountClasses(app) {
  const { store } = app;
  const list = byId('class-list');
  const form = byId('class-form');
  const name = byId('class-name');

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (await add(name.value)) name.value = '';
  });

  async function add(text) {
    const trimmed = text.trim();
    if (!trimmed) return false;
    const { classes } = app.state;
    const known = classes.find((one) => one.name === trimmed);
    if (known) {
      app.useClass(known.id);
      return true;
    }
    const colors = new Set(classes.map(({ color }) => color));
    let index = 0;
    while (colors.has(maskColor(index))) index++;
    try {
      const made = await app.label.addClass({ name: trimmed, color: maskColor(index), key: KEYS.find((key) => !classes.some((one) => one.key === key)) ?? null });
      await app.refreshProject();
      app.useClass(made.id);
      return true;
    } catch (error) {
      app.tell(error, 'classes');
      return false;
    }
  }

  async function change(id, values) {
    try {
      const { name: now, color, key } = app.classOf(id);
      await app.label.changeClass(id, { name: now, color, key, ...values });
    } catch (error) {
      app.tell(error, 'classes');
    }
    await app.refreshProject();
  }

  async function remove({ id, name: title, objects }) {
    const others = app.state.classes.filter((one) => one.id !== id);
    let to = null;
    if (objects > 0) {
      if (!others.length) {
        app.notices.error(`${title} is the only class, and ${objects} objects have it.`, { id: 'classes' });
        return;
      }
      byId('class-dialog-text').textContent = `${objects === 1 ? 'An object has' : `${objects} objects have`} the class ${title}. Which class do they get?`;
      const target = byId('class-target');
      target.replaceChildren(...others.map((one) => element('option', { value: one.id }, one.name)));
      if ((await ask(byId('class-dialog'))) !== 'ok') return;
      to = others[target.selectedIndex].id;
    }
    try {
      await app.label.removeClass(id, to);
    } catch (error) {
      app.tell(error, 'classes');
    }
    await app.refreshProject();
    if (app.session) await app.reload();
  }

  function row(one) {
    const color = element('input', { type: 'color', class: 'swatch', value: one.color, title: `Colour of ${one.name}`, aria: { label: `Colour of ${one.name}` },
      on: { change: () => change(one.id, { color: color.value }) } });
    const text = element('input', { type: 'text', class: 'object-name', value: one.name, maxLength: 80, autocomplete: 'off', aria: { label: `Name of class ${one.name}` },
      on: {
        change: () => (text.value.trim() ? change(one.id, { name: text.value.trim() }) : (text.value = one.name)),
        keydown: (event) => ['Enter', 'Escape'].includes(event.key) && byId('surface').focus(),
      } });
    const use = element('button', { class: 'class-key', type: 'button', title: `Use ${one.name}${one.key ? ` (${one.key})` : ''}`, aria: { label: `Use class ${one.name}`, pressed: 'false' },
      on: { click: () => app.useClass(one.id) } }, one.key ?? '·');
    use.style.setProperty('--class', one.color);
    use.style.setProperty('--class-ink', inkOn(one.color));
    return element('li', { class: 'class', data: { id: one.id } }, use, text,
      element('span', { class: 'facts' }, String(one.objects ?? 0)), color,
      element('button', { class: 'icon-button delete', type: 'button', title: `Delete class ${one.name}`, aria: { label: `Delete class ${one.name}` }, on: { click: () => remove(one) } }, icon('trash')));
  }

  store.watch(['classes'], ({ classes }) => {
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const kept = focused && [focused.closest('li').dataset.id, [...focused.parentElement.children].indexOf(focused)];
    list.replaceChildren(...classes.map(row));
    if (kept) list.querySelector(`[data-id="${CSS.escape(kept[0])}"]`)?.children[kept[1]]?.focus();
    byId('class-none').hidden = classes.length > 0;
  });
  store.watch(['classes', 'currentClass'], () => {
    for (const item of list.children) {
      const isUsed = item.dataset.id === String(app.classInUse?.id);
      item.classList.toggle('is-selected', isUsed);
      item.querySelector('.class-key').setAttribute('aria-pressed', String(isUsed));
    }
    const used = app.classInUse;
    byId('draft-class').textContent = used?.name ?? 'no class yet';
    byId('draft-class').style.setProperty('--class', used?.color ?? 'transparent');
  });

  return {
    /** Asks for the first class when an object is accepted and there is none. */
    async ask() {
      const input = byId('first-class');
      if ((await ask(byId('first-class-dialog'))) === 'ok') await add(input.value);
    },
    focusName() {
      name.focus();
    },
  };
}
