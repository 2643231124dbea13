// Draws masks. For each it caches the pixels of the visible part, no finer than the screen, so that memory depends on
// the screen and not on the photo; and the border as a path in photo coordinates, which is sharp at any zoom.

import { packColor, rasterize, stepFor, traceBorder } from '../model/raster.js';

const MARGIN = 0.25;

export class MaskPainter {
  #fills = new WeakMap();
  #borders = new WeakMap();

  /**
   * Fills a mask. `frame` is { view, ratio, part }: the view, device pixels per CSS pixel, and the visible part of the
   * photo.
   */
  fill(context, mask, color, alpha, frame) {
    const wanted = intersect(mask.box, frame.part);
    if (!wanted) return;
    const density = frame.view.scale * frame.ratio;
    const { canvas, area } = this.#fillOf(mask, color, wanted, stepFor(density), frame.part);
    context.globalAlpha = alpha;
    context.imageSmoothingEnabled = density < 1;
    context.drawImage(canvas, area[0], area[1], area[2] - area[0], area[3] - area[1]);
    context.globalAlpha = 1;
  }

  /** Draws the border, `width` CSS pixels wide. */
  border(context, mask, color, width, frame) {
    if (!intersect(mask.box, frame.part)) return;
    context.strokeStyle = color;
    context.lineWidth = width / frame.view.scale;
    context.lineCap = 'square';
    context.stroke(this.#borderOf(mask, stepFor(frame.view.scale * frame.ratio)));
  }

  #fillOf(mask, color, wanted, step, part) {
    const kept = this.#fills.get(mask);
    if (kept?.color === color && kept.step === step && covers(kept.area, wanted)) return kept;
    const area = align(intersect(mask.box, widen(part)), step);
    const { columns, rows, pixels } = rasterize(mask.runs, area, step, packColor(color));
    const canvas = new OffscreenCanvas(columns, rows);
    canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
    const fill = { canvas, color, step, area: [area[0], area[1], area[0] + columns * step, area[1] + rows * step] };
    this.#fills.set(mask, fill);
    return fill;
  }

  #borderOf(mask, step) {
    let kept = this.#borders.get(mask);
    if (kept?.step !== step) {
      const path = new Path2D();
      traceBorder(mask.runs, step, (x0, y0, x1, y1) => {
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      });
      kept = { step, path };
      this.#borders.set(mask, kept);
    }
    return kept.path;
  }
}

function intersect(a, b) {
  const area = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  return area[2] > area[0] && area[3] > area[1] ? area : null;
}

function covers(outer, inner) {
  return outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];
}

function widen([x0, y0, x1, y1]) {
  const dx = Math.ceil((x1 - x0) * MARGIN);
  const dy = Math.ceil((y1 - y0) * MARGIN);
  return [x0 - dx, y0 - dy, x1 + dx, y1 + dy];
}

function align([x0, y0, x1, y1], step) {
  return [Math.floor(x0 / step) * step, Math.floor(y0 / step) * step, x1, y1];
}
