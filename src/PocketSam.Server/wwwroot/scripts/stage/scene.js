// The three canvases of the stage: the photo, the masks, and what follows the pointer. Each is repainted after a
// change, at most once a frame.

import { visiblePart, toScreen } from '../model/viewport.js';
import { draftColor, hasPrompts, titleOf } from '../model/document.js';
import { inkOn } from '../model/palette.js';
import { chosenMask, isSelected, shownMasks, shownObjects } from '../selectors.js';
import { levelFor } from './photo.js';
import { MaskPainter } from './maskpainter.js';
import { paintBox, paintCursor, paintGuides, paintPoint, paintTag } from './promptpainter.js';

const LAYERS = {
  photo: ['photo', 'view', 'stage'],
  masks: ['photo', 'view', 'stage', 'document', 'everything', 'filters', 'overlay', 'highlight', 'selected', 'also',
    'polygon'],
  prompts: ['photo', 'view', 'stage', 'document', 'prediction', 'hover', 'tool', 'cursor', 'guide', 'grip', 'overlay',
    'theme'],
};

/** Smaller masks, in CSS pixels, have their tag above them. */
const SMALL = 40;

export class Scene {
  #stale = new Set();
  #painter = new MaskPainter();
  #measured = null;

  /** `paintMore(context, state, frame, colors)` draws on the pointer's canvas, also whenever one of `keys` changes. */
  constructor(element, store, { keys = [], paintMore = () => {} } = {}) {
    this.element = element;
    this.store = store;
    this.paintMore = paintMore;
    this.canvases = Object.fromEntries(Object.keys(LAYERS).map((name) => [name, element.querySelector(`.layer-${name}`)]));
    new ResizeObserver(() => this.#resize()).observe(element);
    for (const [name, own] of Object.entries(LAYERS)) store.watch(own, () => this.#invalidate(name));
    store.watch(keys, () => this.#invalidate('prompts'));
    store.watch(['theme'], () => this.#readColors());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#readColors());
  }

  #readColors() {
    const style = getComputedStyle(this.element);
    const read = (name) => style.getPropertyValue(name).trim();
    this.colors = { accent: read('--mark'), include: read('--include'), exclude: read('--exclude') };
    this.#invalidate('prompts');
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    }
    this.store.update({ stage: { width, height, ratio } });
    for (const name of Object.keys(LAYERS)) this.#invalidate(name);
  }

  #invalidate(name) {
    if (this.#stale.size === 0) requestAnimationFrame(() => this.#paint());
    this.#stale.add(name);
  }

  #paint() {
    const stale = [...this.#stale];
    this.#stale.clear();
    const { state } = this.store;
    for (const name of stale) {
      const context = this.canvases[name].getContext('2d');
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.canvases[name].width, this.canvases[name].height);
      if (!state.photo || !state.view) continue;
      const frame = {
        view: state.view,
        ratio: state.stage.ratio,
        part: visiblePart(state.view, state.stage, state.photo),
      };
      const { scale, x, y } = state.view;
      this.element.dataset.view = `${scale} ${x} ${y}`;
      if (name === 'photo') this.#paintPhoto(context, state, frame);
      else if (name === 'masks') this.#paintMasks(context, state, frame);
      else this.#paintPrompts(context, state, frame);
    }
  }

  #paintPhoto(context, { photo }, frame) {
    const density = frame.view.scale * frame.ratio;
    onPhoto(context, frame);
    context.imageSmoothingEnabled = density < 2;
    context.imageSmoothingQuality = 'medium';
    context.drawImage(levelFor(photo, density), 0, 0, photo.width, photo.height);
  }

  #paintMasks(context, state, frame) {
    const { document, overlay, highlight } = state;
    const isBusy = hasPrompts(document.draft);
    onPhoto(context, frame);
    for (const mask of shownMasks(state)) {
      const isLit = mask === highlight;
      if (!overlay.outlines || isLit) {
        this.#painter.fill(context, mask, mask.color, isLit ? Math.min(1, overlay.opacity + 0.3) : overlay.opacity, frame);
      }
      this.#painter.border(context, mask, isLit ? '#ffffff' : mask.color, isLit ? 2.5 : 1, frame);
    }
    const objects = shownObjects(state);
    for (const object of objects) {
      const isLit = object.id === highlight || (!isBusy && isSelected(state, object.id));
      if (!overlay.outlines || isLit) {
        this.#painter.fill(context, object.mask, object.color, Math.min(1, overlay.opacity + (isLit ? 0.2 : 0)), frame);
      }
      this.#painter.border(context, object.mask, 'rgba(0, 0, 0, 0.45)', isLit ? 5 : 3.5, frame);
      this.#painter.border(context, object.mask, isLit ? '#ffffff' : object.color, isLit ? 2.5 : 1.75, frame);
    }
    onScreen(context, frame);
    for (const object of objects) {
      const at = tagPlace(object.mask, frame.view);
      if (at) paintTag(context, titleOf(document, object), at, object.color, inkOn(object.color), state.stage);
    }
  }

  #paintPrompts(context, state, frame) {
    const { document, prediction, hover, overlay, cursor, guide, grip, stage } = state;
    const { draft } = document;
    const mask = chosenMask(state);
    const color = draftColor(document);
    onPhoto(context, frame);
    if (hover) {
      this.#painter.fill(context, hover, color, overlay.opacity * 0.6, frame);
      this.#painter.border(context, hover, '#ffffff', 1.5, frame);
    }
    if (mask) {
      const fade = prediction?.isPending ? 0.6 : 1;
      if (!overlay.outlines) this.#painter.fill(context, mask, color, overlay.opacity * fade, frame);
      this.#painter.border(context, mask, 'rgba(0, 0, 0, 0.5)', 4, frame);
      this.#painter.border(context, mask, '#ffffff', 2, frame);
      this.#measure(prediction);
    }
    onScreen(context, frame);
    if (guide) paintGuides(context, guide, stage);
    if (draft.box) paintBox(context, draft.box, frame.view, this.colors, true);
    for (const point of draft.points) paintPoint(context, point, frame.view, this.colors, point.id === grip);
    this.paintMore(context, state, frame, this.colors);
    if (cursor) paintCursor(context, cursor, frame.view, this.colors);
  }

  /** Records the time from a click to its mask on the screen for the browser's performance tools. */
  #measure(prediction) {
    if (!prediction || prediction.isPending || !prediction.since || this.#measured === prediction) return;
    this.#measured = prediction;
    performance.measure('click to mask', { start: prediction.since, end: performance.now() });
  }
}

/** The place of a mask's tag: inside the mask, or above a small one. */
function tagPlace({ runs, box }, view) {
  const anchor = runs.anchor();
  if (!anchor) return null;
  const isSmall = (box[3] - box[1]) * view.scale < SMALL || (box[2] - box[0]) * view.scale < SMALL;
  if (!isSmall) return toScreen(view, anchor);
  const { x, y } = toScreen(view, { x: (box[0] + box[2]) / 2, y: box[1] });
  return { x, y: y - 16 };
}

function onPhoto(context, { view, ratio }) {
  context.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
}

function onScreen(context, { ratio }) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}
