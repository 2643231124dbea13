// Making elements, and asking in dialogs. Styles are set through classes and custom properties, as the content-security policy wants no others.

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = new URL('../icons.svg', import.meta.url).pathname;

/** Where drawings of icons are: the service's file, until it is part of the document. */
let place = `${ICONS}#`;

/** `properties` are the element's own; `on` holds listeners, `data` its data attributes, `aria` its aria attributes. */
export function element(tag, { on = {}, data = {}, aria = {}, role, class: className, ...properties } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (role) made.setAttribute('role', role);
  Object.assign(made, properties);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', place + name);
  svg.append(use);
  return svg;
}

/** Takes the drawings into the document, where icons that are made later find them without the service. */
export async function keepIcons() {
  const PREFIX = 'icon-';
  try {
    const response = await fetch(ICONS);
    if (!response.ok) return;
    const drawings = new DOMParser().parseFromString(await response.text(), 'image/svg+xml').documentElement;
    for (const drawing of drawings.querySelectorAll('[id]')) drawing.id = PREFIX + drawing.id;
    drawings.setAttribute('class', 'unseen');
    drawings.setAttribute('aria-hidden', 'true');
    document.body.append(document.adoptNode(drawings));
    place = `#${PREFIX}`;
  } catch {
    // The file stays where it is.
  }
}

export function setIcon(button, name) {
  button.querySelector('use').setAttribute('href', place + name);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Opens a dialog and promises the value of the button that closes it; empty where it is left otherwise. */
export function ask(dialog) {
  dialog.returnValue = '';
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true });
  });
}

/** Has the browser keep a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
