// The canvases of the stage: the photo, the objects on it, and what is in work. Each is painted at most once a frame.

import { inkOn } from '../scripts/model/palette.js';
import { toScreen, visiblePart } from '../scripts/model/viewport.js';
import { MaskPainter } from '../scripts/stage/maskpainter.js';
import { paintBox, paintPoint, paintTag } from '../scripts/stage/promptpainter.js';

const LAYERS = {
  photo: ['photo', 'view', 'stage'],
  masks: ['photo', 'view', 'stage', 'picture', 'classes', 'selected', 'isHidden', 'paint'],
  prompts: ['photo', 'view', 'stage', 'draft', 'polygon', 'paint', 'pointer', 'tool', 'brush', 'activeClass', 'classes', 'drag', 'theme'],
};
const FILL = 0.38;
const TAG_ROOM = 34;

export class Scene {
  #stale = new Set();
  #painter = new MaskPainter();

  constructor(element, app) {
    this.element = element;
    this.app = app;
    this.store = app.store;
    this.canvases = Object.fromEntries(Object.keys(LAYERS).map((name) => [name, element.querySelector(`.layer-${name}`)]));
    new ResizeObserver(() => this.#resize()).observe(element);
    for (const [name, keys] of Object.entries(LAYERS)) this.store.watch(keys, () => this.#invalidate(name));
    this.store.watch(['theme'], () => this.#readColors());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#readColors());
  }

  #readColors() {
    const style = getComputedStyle(this.element);
    const read = (name) => style.getPropertyValue(name).trim();
    this.colors = { accent: read('--mark'), include: read('--include'), exclude: read('--exclude') };
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
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
      const { view, stage, photo } = state;
      const frame = { view, ratio: stage.ratio, part: visiblePart(view, stage, photo) };
      this.element.dataset.view = `${view.scale} ${view.x} ${view.y}`;
      onPhoto(context, frame);
      if (name === 'photo') {
        context.imageSmoothingEnabled = view.scale * stage.ratio < 2;
        context.imageSmoothingQuality = 'medium';
        context.drawImage(photo.bitmap, 0, 0, photo.width, photo.height);
      } else if (name === 'masks') this.#paintObjects(context, state, frame);
      else this.#paintWork(context, state, frame);
    }
  }

  #paintObjects(context, { picture, selected, isHidden, paint, stage }, frame) {
    if (!picture || isHidden) return;
    const shown = picture.objects.filter(({ id }) => id !== paint?.id);
    paintObjects(context, this.#painter, shown, this.app, selected, frame);
    onScreen(context, frame);
    for (const object of shown) {
      const { runs, box } = this.app.drawableOf(object);
      if ((box[2] - box[0]) * frame.view.scale < TAG_ROOM || (box[3] - box[1]) * frame.view.scale < TAG_ROOM) continue;
      const anchor = runs.anchor();
      const color = this.app.colorOf(object);
      if (anchor) paintTag(context, this.app.nameOf(object), toScreen(frame.view, anchor), color, inkOn(color), stage);
    }
  }

  #paintWork(context, { draft, polygon, paint, pointer, tool, brush, drag, activeClass }, frame) {
    const { view } = frame;
    const color = this.app.colorOf({ classId: activeClass });
    if (draft.mask) {
      this.#painter.fill(context, draft.mask, color, draft.isBusy ? 0.3 : 0.5, frame);
      this.#painter.border(context, draft.mask, 'rgba(0, 0, 0, 0.5)', 4, frame);
      this.#painter.border(context, draft.mask, '#ffffff', 2, frame);
    }
    if (paint) {
      context.globalAlpha = 0.5;
      context.imageSmoothingEnabled = false;
      context.drawImage(paint.canvas, 0, 0);
      context.globalAlpha = 1;
    }
    onScreen(context, frame);
    if (draft.box) paintBox(context, draft.box, view, this.colors, false);
    if (drag) paintBox(context, drag, view, this.colors, false);
    for (const point of draft.points) paintPoint(context, point, view, this.colors, false);
    if (polygon.length) this.#paintPolygon(context, polygon, pointer, view);
    if (pointer && (tool === 'brush' || tool === 'eraser')) {
      for (const [style, width] of [['rgba(0, 0, 0, 0.6)', 3], ['#ffffff', 1.25]]) {
        context.strokeStyle = style;
        context.lineWidth = width;
        context.beginPath();
        context.arc(pointer.x, pointer.y, Math.max(1, brush * view.scale), 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  #paintPolygon(context, polygon, pointer, view) {
    const corners = polygon.map((corner) => toScreen(view, corner));
    for (const [style, width] of [['rgba(0, 0, 0, 0.6)', 4], ['#ffffff', 1.75]]) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.beginPath();
      for (const { x, y } of pointer ? [...corners, pointer] : corners) context.lineTo(x, y);
      if (corners.length > 2) context.closePath();
      context.stroke();
    }
    for (const { x, y } of corners) {
      context.fillStyle = this.colors.accent;
      context.strokeStyle = '#ffffff';
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, 5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }
}

export function paintObjects(context, painter, objects, app, selected, frame) {
  for (const object of objects) {
    const mask = app.drawableOf(object);
    if (mask.runs.isEmpty) continue;
    const color = app.colorOf(object);
    const isLit = selected.includes(object.id);
    painter.fill(context, mask, color, FILL + (isLit ? 0.2 : 0), frame);
    painter.border(context, mask, 'rgba(0, 0, 0, 0.45)', isLit ? 5 : 3.5, frame);
    painter.border(context, mask, isLit ? '#ffffff' : color, isLit ? 2.5 : 1.75, frame);
  }
}

export function onPhoto(context, { view, ratio }) {
  context.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
}

function onScreen(context, { ratio }) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}
