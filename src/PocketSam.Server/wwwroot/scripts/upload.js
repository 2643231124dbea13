// Opens photos that are chosen, dropped, pasted or samples.

import { byId, element } from './dom.js';

export function mountUpload(app) {
  const input = byId('file');
  const open = (files) => openFirst(app, [...files]);

  input.addEventListener('change', () => {
    open(input.files);
    input.value = '';
  });
  for (const button of document.querySelectorAll('[data-action="open"]')) button.addEventListener('click', () => input.click());

  let depth = 0;
  const show = (isOver) => document.body.classList.toggle('is-dropping', isOver);
  addEventListener('dragenter', (event) => {
    event.preventDefault();
    depth++;
    show(true);
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (!depth) show(false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    show(false);
    if (event.dataTransfer.files.length) open(event.dataTransfer.files);
    else app.notices.error('That was no file. Drop a picture from a folder, or save it first.', { id: 'open' });
  });

  addEventListener('paste', (event) => {
    const files = [...event.clipboardData.files].filter((file) => file.type.startsWith('image/'));
    if (!files.length) return;
    event.preventDefault();
    open(files);
  });

  addEventListener('beforeunload', (event) => {
    if (!app.isSafe) event.preventDefault();
  });
  loadSamples(app);
}

function openFirst(app, files) {
  if (!files.length) return;
  const photo = files.find((file) => file.type.startsWith('image/')) ?? files[0];
  if (files.length > 1) app.notices.info(`One photo at a time: ${photo.name} is opened.`, { id: 'several' });
  app.open(photo, photo.name);
}

async function loadSamples(app) {
  const list = byId('samples');
  let samples;
  try {
    samples = await app.api.samples();
  } catch {
    return; // Samples are optional.
  }
  list.replaceChildren(...samples.map((sample) => sampleButton(app, sample)));
  byId('samples-heading').hidden = samples.length === 0;
}

function sampleButton(app, sample) {
  const picture = element('img', { alt: '', width: 160, height: 120, draggable: false });
  // Fetched, because a plain image request carries no API key.
  app.api.sample(sample.url).then((blob) => (picture.src = URL.createObjectURL(blob)), () => {});
  return element('li', {}, element('button', {
    class: 'sample', type: 'button', on: { click: () => app.openSample(sample) },
  }, picture, element('span', {}, sample.name.replace(/\.\w+$/, ''))));
}
