// Exports objects as files and to the clipboard.

import { byId, element, icon, save } from '../dom.js';
import { classesWith } from '../classes.js';
import * as documents from '../model/document.js';
import { isAbort } from '../service/errors.js';
import { compositeCutout, compositeMask } from './composite.js';

const FORMATS = [
  { id: 'cutout', title: 'Cut-out', about: 'PNG, the rest transparent', extension: 'png', copy: compositeCutout },
  { id: 'mask', title: 'Mask', about: 'PNG, white on black', extension: 'png', copy: compositeMask },
  { id: 'coco', title: 'COCO', about: 'JSON with run lengths', extension: 'json', copyText: true, isNumbered: true },
  { id: 'yolo', title: 'YOLO', about: 'polygons for training', extension: 'txt', isNumbered: true },
  { id: 'labelme', title: 'LabelMe', about: 'JSON with polygons', extension: 'json', copyText: true },
  { id: 'svg', title: 'SVG', about: 'outlines for drawing', extension: 'svg', copyText: true },
  { id: 'geojson', title: 'GeoJSON', about: 'polygons with holes', extension: 'json', copyText: true },
];

export function mountExport(app) {
  const dialog = byId('export-dialog');
  const list = byId('export-formats');
  const status = byId('export-status');
  let stop = null;

  const say = (text, isError = false) => {
    status.textContent = text;
    status.classList.toggle('is-error', isError);
  };

  /** Runs `work(signal)`; the dialog stays open and shows an error. */
  async function attempt(doing, work) {
    stop?.abort();
    stop = new AbortController();
    const { signal } = stop;
    say(`${doing} …`);
    try {
      say(await work(signal));
    } catch (error) {
      if (!isAbort(error)) say(error.message, true);
    }
  }

  const fetchFile = (format, objects, signal) => {
    const masks = objects.map(({ name, color, mask }) => ({ name: name || undefined, color, rle: mask.rle }));
    const classes = format.isNumbered ? classesWith(objects) : undefined;
    return app.session.remote.use((id) => app.api.export(id, { format: format.id, objects: masks, classes }, signal), signal);
  };

  const download = (format) => attempt(`Making ${format.title}`, async (signal) => {
    const { blob, name } = await fetchFile(format, chosen(), signal);
    const file = fileName(app.state.photo.name, format, name);
    save(blob, file);
    app.session.isExported = true;
    return `${file} saved.`;
  });

  const copy = (format) => attempt(`Copying ${format.title}`, async (signal) => {
    if (!navigator.clipboard?.write) throw new Error('This browser lets pages copy only over https or on localhost. Download the file instead.');
    const objects = chosen();
    const type = format.copyText ? 'text/plain' : 'image/png';
    const content = format.copyText
      ? fetchFile(format, objects, signal).then(async ({ blob }) => new Blob([await blob.text()], { type }))
      : format.copy(app.state.photo, objects.map(({ mask }) => mask));
    try {
      await navigator.clipboard.write([new ClipboardItem({ [type]: content })]);
    } catch (error) {
      await content; // The content's own error says more.
      throw new Error(`The browser does not let this page copy (${error.message}). Download the file instead.`);
    }
    app.session.isExported = true;
    return `${format.title} copied.`;
  });

  list.append(...FORMATS.map((format) => element('li', { class: 'format', data: { format: format.id } },
    element('div', { class: 'format-text' }, element('strong', {}, format.title), element('span', {}, format.about)),
    format.copy || format.copyText ? button(`Copy ${format.title}`, 'copy', 'copy', () => copy(format)) : null,
    button(`Download ${format.title}`, 'download', 'download', () => download(format)))));

  function chosen() {
    const objects = app.exportable();
    const { selected } = app.state;
    return byId('export-selected').checked ? objects.filter((object) => object.id === selected) : objects;
  }

  function show() {
    if (!app.state.photo || dialog.open) return;
    const objects = app.exportable();
    const isSelectable = objects.length > 1 && objects.some((object) => object.id === app.state.selected);
    byId('export-all').checked = true;
    byId('export-selected').disabled = !isSelectable;
    byId('export-all-label').textContent = objects.length === 1 ? objects[0].title : `All ${objects.length} visible objects`;
    byId('export-scope').hidden = objects.length === 0;
    list.hidden = objects.length === 0;
    say(noteOn(objects));
    dialog.showModal();
  }

  function noteOn(objects) {
    if (!objects.length) return 'Nothing to export yet: click on a thing in the photo first.';
    const { document } = app.state;
    const isLeftOut = documents.hasPrompts(document.draft) && document.objects.length > 0;
    return isLeftOut ? 'The object in work is not accepted yet: it is left out.' : '';
  }

  dialog.addEventListener('close', () => stop?.abort());
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  byId('export').addEventListener('click', show);
  app.store.watch(['photo'], ({ photo }) => (byId('export').disabled = photo === null));
  return { show };
}

function button(label, iconName, className, run) {
  return element('button', {
    class: `icon-button ${className}`, type: 'button', title: label, aria: { label }, on: { click: run },
  }, icon(iconName));
}

/** The file's name from the photo and the format; its extension from the service. */
function fileName(photo, format, given) {
  const stem = photo.replace(/\.[^.]*$/, '') || 'photo';
  const [, extension = format.extension] = /\.(\w+)$/.exec(given) ?? [];
  return extension === format.id ? `${stem}.${extension}` : `${stem}.${format.id}.${extension}`;
}
