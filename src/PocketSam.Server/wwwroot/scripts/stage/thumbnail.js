// Thumbnails of masks on their photo.

import { element } from '../dom.js';
import { packColor, rasterize, stepFor } from '../model/raster.js';
import { levelFor } from './photo.js';

const THUMB = { width: 88, height: 66 };
const AIR = 1.15;

/** Draws the part `view` of the photo, dimmed, with the mask at full brightness; `size` has the view's aspect ratio. */
export function thumbnail(mask, photo, view, size = THUMB) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = element('canvas', { width: size.width * ratio, height: size.height * ratio, aria: { hidden: 'true' } });
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

/** The box of all candidates with some space around it, in the thumbnail's aspect ratio. */
export function commonView(masks) {
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
