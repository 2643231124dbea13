// Makes pictures for the clipboard in the browser. The clipboard holds one picture, however many objects there are.

import { packColor, rasterize } from '../model/raster.js';

/** A PNG of the photo inside the masks, cropped to their box, transparent elsewhere. */
export async function compositeCutout(photo, masks) {
  const [x0, y0, x1, y1] = boxOf(masks);
  const canvas = new OffscreenCanvas(x1 - x0, y1 - y0);
  const context = canvas.getContext('2d');
  for (const mask of masks) paint(context, mask, x0, y0);
  context.globalCompositeOperation = 'source-in';
  context.drawImage(photo.levels[0], -x0, -y0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** A PNG of the masks, white on black, of the photo's size. */
export async function compositeMask(photo, masks) {
  const canvas = new OffscreenCanvas(photo.width, photo.height);
  const context = canvas.getContext('2d');
  context.fillRect(0, 0, photo.width, photo.height);
  for (const mask of masks) paint(context, mask, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

function paint(context, mask, dx, dy) {
  const { columns, rows, pixels } = rasterize(mask.runs, mask.box, 1, packColor('#ffffff'));
  const stencil = new OffscreenCanvas(columns, rows);
  stencil.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
  context.drawImage(stencil, mask.box[0] - dx, mask.box[1] - dy);
}

function boxOf(masks) {
  const least = (side) => Math.min(...masks.map(({ box }) => box[side]));
  const most = (side) => Math.max(...masks.map(({ box }) => box[side]));
  return [least(0), least(1), most(2), most(3)];
}
