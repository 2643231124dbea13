// Brush and eraser. A stroke changes the selected object, or begins a new one with the class in use; with the right
// button or Alt, the brush erases. Each stroke is a step of the history.

import { MaskRuns } from '../../scripts/model/rle.js';
import { clamp, toScreen } from '../../scripts/model/viewport.js';
import { strokeOf } from '../shapes.js';

const SMALLEST = 1;
const LARGEST = 400;
const STEP = 1.25;

export class BrushTool {
  cursor = 'none';

  constructor(app, erases) {
    this.app = app;
    this.erases = erases;
  }

  hover(place) {
    this.app.store.update({ brushAt: place });
    return this.cursor;
  }

  leave() {
    this.app.store.update({ brushAt: null });
  }

  grab(press, placeAt) {
    if (press.button === 1) return null;
    const stroke = this.#begin(press);
    if (!stroke) return null;
    let last = placeAt(press.start);
    stroke.to(last, last);
    return {
      move: (at) => {
        const place = placeAt(at);
        stroke.to(last, place);
        last = place;
        this.app.store.update({ brushAt: place });
      },
      drop: () => stroke.end(),
      cancel: () => this.app.session.rollback(),
    };
  }

  click(place, press) {
    const stroke = this.#begin(press);
    stroke?.to(place, place);
    stroke?.end();
  }

  cancel() {
    return false;
  }

  /** Makes the brush smaller (-1) or larger (1); its diameter is in pixels of the photo. */
  static resize(app, direction) {
    const { brushSize } = app.state;
    const next = direction > 0 ? Math.max(brushSize + 1, Math.round(brushSize * STEP)) : Math.min(brushSize - 1, Math.round(brushSize / STEP));
    app.store.update({ brushSize: clamp(next, SMALLEST, LARGEST) });
    app.announce(`Brush of ${app.state.brushSize} pixels.`);
  }

  #begin(press) {
    const { app } = this;
    const { session } = app;
    if (session.accept()) app.notices.dismiss('predict');
    const erases = this.erases || press.isAlternate;
    const { selected, brushSize, photo } = app.state;
    const object = session.document.objects.find(({ id }) => id === selected) ?? null;
    if (erases && !object) {
      app.announce('Select an object to erase from.');
      return null;
    }
    let runs = object?.mask.runs ?? MaskRuns.fromColumns(photo.width, photo.height, []);
    const { draft } = session.document;
    return {
      to: (from, to) => {
        const stroke = strokeOf(from, to, brushSize / 2, photo);
        runs = erases ? runs.subtract(stroke) : runs.union(stroke);
        session.preview({ draft: { ...draft, mask: maskOfRuns(runs), editing: object?.id ?? null } });
      },
      end: () => {
        session.rollback();
        if (!object) session.add(runs.isEmpty ? [] : [{ runs, made: 'brush' }], 'brush');
        else if (!runs.equals(object.mask.runs)) session.setMask(object.id, runs, erases ? 'eraser' : 'brush');
      },
    };
  }
}

/** The circle that shows the brush. */
export function paintBrush(context, { tool, brushAt, brushSize, view, isPanning }) {
  if (!['brush', 'eraser'].includes(tool) || !brushAt || isPanning) return;
  const { x, y } = toScreen(view, brushAt);
  const radius = Math.max(1, (brushSize / 2) * view.scale);
  for (const [color, width] of [['rgba(0, 0, 0, 0.7)', 3], ['#ffffff', 1.25]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke();
  }
  if (tool !== 'eraser') return;
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  context.stroke();
}

function maskOfRuns(runs) {
  return { runs, rle: null, iou: 1, stability: 1, area: runs.area, box: [runs.left, runs.top, runs.right, runs.bottom] };
}
