// The object in work: its name and colour, its prompts, the candidates to choose from.

import { byId, element, icon } from '../dom.js';
import * as documents from '../model/document.js';
import { packColor, rasterize } from '../model/raster.js';
import { levelFor } from '../stage/photo.js';

const THUMB = { width: 88, height: 66 };
const SIZES = ['small', 'middle', 'large'];

export function mountDraft(app) {
  const { store } = app;
  const section = byId('draft');
  const name = byId('draft-name');
  const color = byId('draft-color');
  const names = byId('names');
  const prompts = byId('draft-prompts');
  const candidates = byId('candidates');
  const hover = byId('hover-preview');

  name.addEventListener('input', () => app.work?.edit((document) => documents.nameDraft(document, name.value), { tag: 'draft-name' }));
  name.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') app.accept();
    if (event.key === 'Enter' || event.key === 'Escape') byId('surface').focus();
  });
  color.addEventListener('input', () => app.work?.edit((document) => documents.colorDraft(document, color.value), { tag: 'draft-color' }));
  byId('accept').addEventListener('click', () => app.accept());
  byId('clear').addEventListener('click', () => app.clear());
  hover.addEventListener('change', () => store.update({ hoverPreview: hover.checked }));
  candidates.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    app.cycle(step);
    requestAnimationFrame(() => candidates.querySelector('[aria-checked=true]')?.focus());
  });

  store.watch(['hoverPreview'], (state) => (hover.checked = state.hoverPreview));
  store.watch(['document', 'photo'], ({ document, photo }) => {
    const { draft } = document;
    const isBusy = documents.hasPrompts(draft);
    section.dataset.state = !photo ? 'none' : isBusy ? 'busy' : 'idle';
    byId('draft-heading').textContent = draft.editing === null ? 'New object' : 'Edit object';
    byId('accept-label').textContent = draft.editing === null ? 'Accept' : 'Save';
    if (globalThis.document.activeElement !== name) name.value = draft.name;
    name.disabled = color.disabled = !photo;
    color.value = documents.draftColor(document);
    names.replaceChildren(...documents.namesOf(document).map((value) => element('option', { value })));
    renderPrompts(app, prompts, draft);
  });
  store.watch(['prediction', 'document', 'photo'], (state) => renderCandidates(app, candidates, state));

  return {
    focusName() {
      name.focus();
      name.select();
    },
  };
}

function renderPrompts(app, list, { points, box }) {
  const chips = points.map((point) => chip(
    point.label ? 'include' : 'exclude',
    `${point.x}, ${point.y}`,
    `Remove the ${point.label ? 'include' : 'exclude'} point at ${point.x}, ${point.y}`,
    () => app.work.edit((document) => documents.removePoint(document, point.id))));
  if (box) {
    chips.push(chip('box', `${box[2] - box[0]} × ${box[3] - box[1]}`, 'Remove the box',
      () => app.work.edit(documents.removeBox)));
  }
  list.replaceChildren(...chips);
}

function chip(kind, text, label, remove) {
  return element('li', {}, element('button', {
    class: `chip chip-${kind}`, type: 'button', title: label, aria: { label }, on: { click: remove },
  }, icon(kind), element('span', {}, text), icon('close')));
}

function renderCandidates(app, group, { prediction, document, photo }) {
  const masks = prediction && documents.hasPrompts(document.draft) ? prediction.candidates : [];
  group.hidden = masks.length === 0;
  group.classList.toggle('is-pending', Boolean(prediction?.isPending));
  const isSame = group.masks === masks;
  const chosen = document.draft.choice ?? prediction?.best;
  if (!isSame) {
    group.masks = masks;
    group.replaceChildren(...masks.map((mask, index) => card(app, mask, index, masks.length, photo, prediction.best)));
  }
  [...group.children].forEach((button, index) => {
    button.setAttribute('aria-checked', String(index === chosen));
    button.tabIndex = index === chosen ? 0 : -1;
  });
}

function card(app, mask, index, count, photo, best) {
  const score = mask.iou.toFixed(2);
  const size = count === 3 ? `${SIZES[index]}, ` : '';
  const label = `Candidate ${index + 1} of ${count}, ${size}predicted IoU ${score}, stability ${mask.stability.toFixed(2)}`;
  return element('button', {
    class: 'candidate', type: 'button', role: 'radio', title: label, aria: { label }, on: { click: () => app.choose(index) },
  }, thumbnail(mask, photo), element('span', { class: 'score' }, score,
    index === best ? element('span', { class: 'best' }, 'best') : null));
}

/** The photo, dimmed, with the mask in full light. */
function thumbnail(mask, photo) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: THUMB.width * ratio, height: THUMB.height * ratio, aria: { hidden: 'true' } });
  const scale = Math.min(canvas.width / photo.width, canvas.height / photo.height);
  const context = canvas.getContext('2d');
  context.setTransform(scale, 0, 0, scale, (canvas.width - photo.width * scale) / 2, (canvas.height - photo.height * scale) / 2);
  const level = levelFor(photo, scale);
  if (!mask.runs.isEmpty) {
    const step = Math.max(1, Math.floor(1 / scale));
    const { columns, rows, pixels } = rasterize(mask.runs, mask.box, step, packColor('#000000'));
    const stencil = new OffscreenCanvas(columns, rows);
    stencil.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
    context.drawImage(stencil, mask.box[0], mask.box[1], columns * step, rows * step);
    context.globalCompositeOperation = 'source-in';
    context.drawImage(level, 0, 0, photo.width, photo.height);
    context.globalCompositeOperation = 'destination-over';
  }
  context.globalAlpha = 0.25;
  context.drawImage(level, 0, 0, photo.width, photo.height);
  return canvas;
}
