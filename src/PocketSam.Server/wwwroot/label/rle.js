// COCO's compressed counts as pixels to work on, and back. A bitmap is { width, height, data }, `data` holding 0 or 1
// for each pixel down the columns, left to right, as COCO counts them: pixel (x, y) is at `x * height + y`.

import { MaskRuns, decodeCounts, encodeCounts } from '../scripts/model/rle.js';

/** No picture that a browser shows has more pixels, and no string may ask for more memory. */
const MOST_PIXELS = 1 << 28;

export function emptyBitmap(width, height) {
  if (!(width > 0 && height > 0 && width * height <= MOST_PIXELS)) throw new Error(`A mask of ${width} × ${height} pixels is none.`);
  return { width, height, data: new Uint8Array(width * height) };
}

export function decodeMask({ size: [height, width], counts }) {
  const bitmap = emptyBitmap(width, height);
  const lengths = typeof counts === 'string' ? decodeCounts(counts) : counts;
  let at = 0;
  lengths.forEach((length, index) => {
    if (length < 0 || at + length > bitmap.data.length) throw new Error('The run-length encoding is not of the size that it states.');
    if (index % 2) bitmap.data.fill(1, at, at + length);
    at += length;
  });
  if (at !== bitmap.data.length) throw new Error('The run-length encoding is not of the size that it states.');
  return bitmap;
}

export function encodeMask({ width, height, data }) {
  const counts = [];
  let begin = 0;
  let value = 0;
  while (begin < data.length) {
    const next = data.indexOf(1 - value, begin);
    const end = next < 0 ? data.length : next;
    counts.push(end - begin);
    begin = end;
    value = 1 - value;
  }
  return { size: [height, width], counts: encodeCounts(counts) };
}

/** What the painter of masks draws: the runs and their box. */
export function drawable(rle) {
  const runs = MaskRuns.decode(rle);
  return { rle, runs, area: runs.area, box: [runs.left, runs.top, runs.right, runs.bottom] };
}
