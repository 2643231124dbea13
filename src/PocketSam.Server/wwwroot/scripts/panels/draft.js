// The object in work: its name and colour, its prompts, the candidates to choose from.

import { byId, element, icon } from '../dom.js';
import * as documents from '../model/document.js';
import { packColor, rasterize, stepFor } from '../model/raster.js';
import { levelFor } from '../stage/photo.js';

const THUMB = { width: 88, height: 66 };
const AIR = 1.15;
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
  const cleanUp = byId('clean-up');

  name.addEventListener('input', () => app.session?.edit((document) => documents.nameDraft(document, name.value), { tag: 'draft-name' }));
  name.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') app.accept();
    if (event.key === 'Enter' || event.key === 'Escape') byId('surface').focus();
  });
  color.addEventListener('input', () => app.session?.edit((document) => documents.colorDraft(document, color.value), { tag: 'draft-color' }));
  byId('accept').addEventListener('click', () => app.accept());
  byId('clear').addEventListener('click', () => app.clear());
  hover.addEventListener('change', () => store.update({ hoverPreview: hover.checked }));
  cleanUp.addEventListener('change', () => app.setCleanUp(cleanUp.checked));
  candidates.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    app.cycle(step);
    requestAnimationFrame(() => candidates.querySelector('[aria-checked=true]')?.focus());
  });

  store.watch(['hoverPreview'], (state) => (hover.checked = state.hoverPreview));
  store.watch(['cleanUp'], (state) => (cleanUp.checked = state.cleanUp));
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
    () => app.session.edit((document) => documents.removePoint(document, point.id))));
  if (box) {
    chips.push(chip('box', `${box[2] - box[0]} × ${box[3] - box[1]}`, 'Remove the box',
      () => app.session.edit(documents.removeBox)));
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
    const view = commonView(masks);
    const pictures = masks.map((mask) => thumbnail(mask, photo, view));
    group.replaceChildren(...masks.map((mask, index) => card(app, mask, index, pictures, prediction.best)));
  }
  [...group.children].forEach((button, index) => {
    button.setAttribute('aria-checked', String(index === chosen));
    button.tabIndex = index === chosen ? 0 : -1;
  });
}

function card(app, mask, index, pictures, best) {
  const count = pictures.length;
  const score = mask.iou.toFixed(2);
  const size = count === 3 ? `${SIZES[index]}, ` : '';
  const label = `Candidate ${index + 1} of ${count}, ${size}predicted IoU ${score}, stability ${mask.stability.toFixed(2)}`;
  return element('button', {
    class: 'candidate', type: 'button', role: 'radio', title: label, aria: { label }, on: { click: () => app.choose(index) },
  }, pictures[index], element('span', { class: 'score' }, score,
    index === best && count > 1 ? element('span', { class: 'best' }, 'best') : null));
}

/** The part `view` of the photo, dimmed, with the mask in full light. */
function thumbnail(mask, photo, view) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: THUMB.width * ratio, height: THUMB.height * ratio, aria: { hidden: 'true' } });
  const scale = canvas.width / (view[2] - view[0]);
  const context = canvas.getContext('2d');
  context.setTransform(scale, 0, 0, scale, -view[0] * scale, -view[1] * scale);
  const level = levelFor(photo, scale);
  if (!mask.runs.isEmpty) {
    const step = stepFor(scale);
    const { columns, rows, pixels } = rasterize(mask.runs, mask.box, step, packColor('#000000'));
    const stencil = new OffscreenCanvas(columns, rows);
    stencil.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
    context.drawImage(stencil, mask.box[0], mask.box[1], columns * step, rows * step);
    context.globalCompositeOperation = 'source-in';
    context.drawImage(level, 0, 0, photo.width, photo.height);
    context.globalCompositeOperation = 'destination-over';
  }
  context.globalAlpha = 0.3;
  context.drawImage(level, 0, 0, photo.width, photo.height);
  return canvas;
}

/** The place of all candidates with some air around, in the shape of a thumbnail. */
function commonView(masks) {
  const boxes = masks.filter((mask) => !mask.runs.isEmpty).map(({ box }) => box);
  const least = (side) => Math.min(...boxes.map((box) => box[side]));
  const most = (side) => Math.max(...boxes.map((box) => box[side]));
  const [x0, y0, x1, y1] = boxes.length ? [least(0), least(1), most(2), most(3)] : [0, 0, 1, 1];
  const height = AIR * Math.max(y1 - y0, ((x1 - x0) * THUMB.height) / THUMB.width, 16);
  const width = (height * THUMB.width) / THUMB.height;
  const x = (x0 + x1 - width) / 2;
  const y = (y0 + y1 - height) / 2;
  return [x, y, x + width, y + height];
}
