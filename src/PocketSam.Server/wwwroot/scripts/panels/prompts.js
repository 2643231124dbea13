// The prompts of the draft and the candidates to choose from.

import { byId, element, icon } from '../dom.js';
import * as documents from '../model/document.js';
import { commonView, thumbnail } from '../stage/thumbnail.js';

const SIZES = ['small', 'middle', 'large'];

export function mountPrompts(app) {
  const { store } = app;
  const prompts = byId('draft-prompts');
  const candidates = byId('candidates');
  const hover = byId('hover-preview');
  const cleanUp = byId('clean-up');
  const lookCloser = byId('look-closer');

  byId('accept').addEventListener('click', () => app.accept());
  byId('clear').addEventListener('click', () => app.clear());
  hover.addEventListener('change', () => store.update({ hoverPreview: hover.checked }));
  cleanUp.addEventListener('change', () => app.setCleanUp(cleanUp.checked));
  lookCloser.addEventListener('change', () => app.setLookCloser(lookCloser.checked));
  candidates.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    app.cycle(step);
    requestAnimationFrame(() => candidates.querySelector('[aria-checked=true]')?.focus());
  });

  store.watch(['hoverPreview'], (state) => (hover.checked = state.hoverPreview));
  store.watch(['cleanUp'], (state) => (cleanUp.checked = state.cleanUp));
  store.watch(['lookCloser'], (state) => (lookCloser.checked = state.lookCloser));
  store.watch(['document', 'photo'], ({ document, photo }) => {
    const { draft } = document;
    const isBusy = documents.hasPrompts(draft);
    byId('draft').dataset.state = !photo ? 'none' : isBusy ? 'busy' : 'idle';
    byId('draft-heading').textContent = draft.editing === null ? 'New object' : 'Edit object';
    byId('accept-label').textContent = draft.editing === null ? 'Accept' : 'Save';
    renderPrompts(app, prompts, draft);
  });
  store.watch(['prediction', 'document', 'photo'], (state) => renderCandidates(app, candidates, state));
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
