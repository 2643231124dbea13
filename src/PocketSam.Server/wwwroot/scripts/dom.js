// Creates elements and shows dialogs. Styles are set through classes and custom properties, since the content security
// policy allows no inline styles.

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = new URL('../icons.svg', import.meta.url).pathname;

/** Prefix of icon references: the service's file, until its drawings are part of the document. */
let place = `${ICONS}#`;

/**
 * Creates an element. `properties` are set on it; `on` holds listeners, `data` data attributes, `aria` aria attributes.
 */
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

/** Copies the icon drawings into the document, so that later icons do not need the service. */
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
    // Icons keep referring to the file.
  }
}

export function setIcon(button, name) {
  button.querySelector('use').setAttribute('href', place + name);
}

export function byId(id) {
  return document.getElementById(id);
}

/** Opens a dialog; resolves to the value of the button that closes it, or an empty string if it is dismissed. */
export function ask(dialog) {
  dialog.returnValue = '';
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true });
  });
}

/** Saves a file as a download. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
