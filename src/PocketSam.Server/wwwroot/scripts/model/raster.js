// Masks as pixels and as border lines, for drawing at any zoom.

import { clamp } from './viewport.js';

/** The largest power of two of photo pixels that fits into a screen pixel, at least 1. */
export function stepFor(pixelsPerPhotoPixel) {
  let step = 1;
  while (step * 2 * pixelsPerPhotoPixel <= 1) step *= 2;
  return step;
}

/**
 * RGBA pixels, a `Uint32Array` of `columns` times `rows`, of the part `[x0, y0, x1, y1]` of the photo, one for every
 * `step` photo pixels in each direction: `color` inside the mask, transparent outside.
 */
export function rasterize(runs, [x0, y0, x1, y1], step, color) {
  const columns = Math.max(1, Math.ceil((x1 - x0) / step));
  const rows = Math.max(1, Math.ceil((y1 - y0) / step));
  const pixels = new Uint32Array(columns * rows);
  const half = step >> 1;
  for (let column = 0; column < columns; column++) {
    const begin = x0 + column * step;
    if (begin + step <= runs.left || begin >= runs.right) continue;
    const x = clamp(begin + half, runs.left, runs.right - 1);
    const end = runs.starts[x - runs.left + 1];
    for (let i = runs.starts[x - runs.left]; i < end; i++) {
      const first = Math.max(0, Math.ceil((runs.tops[i] - y0 - half) / step));
      const last = Math.min(rows, Math.ceil((runs.bottoms[i] - y0 - half) / step));
      for (let at = first * columns + column, stop = last * columns; at < stop; at += columns) pixels[at] = color;
    }
  }
  return { columns, rows, pixels };
}

/** A CSS colour `#rrggbb` as an opaque pixel of a little-endian `Uint32Array`. */
export function packColor(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/**
 * Calls `line(x0, y0, x1, y1)` for each straight piece of the mask's border, on a grid of `step` photo pixels.
 * Horizontal pieces that continue across columns are joined.
 */
export function traceBorder(runs, step, line) {
  const first = Math.floor(runs.left / step);
  const last = Math.ceil(runs.right / step);
  let previous = [];
  let open = new Map();
  for (let column = first; column <= last; column++) {
    const x = column * step;
    const rows = column < last ? coarseColumn(runs, clamp(x + (step >> 1), runs.left, runs.right - 1), step) : [];
    const next = new Map();
    for (const row of rows) next.set(row, open.get(row) ?? x);
    for (const [row, start] of open) {
      if (!next.has(row)) line(start, row * step, x, row * step);
    }
    const changes = oddOnes(previous, rows);
    for (let i = 0; i < changes.length; i += 2) line(x, changes[i] * step, x, changes[i + 1] * step);
    open = next;
    previous = rows;
  }
}

function coarseColumn(runs, x, step) {
  const rows = runs.column(x);
  if (step === 1) return rows;
  const half = step >> 1;
  const coarse = [];
  for (let i = 0; i < rows.length; i += 2) {
    const top = Math.ceil((rows[i] - half) / step);
    const bottom = Math.ceil((rows[i + 1] - half) / step);
    if (bottom <= top) continue;
    if (coarse.length && coarse[coarse.length - 1] === top) coarse[coarse.length - 1] = bottom;
    else coarse.push(top, bottom);
  }
  return coarse;
}

/**
 * The values that are in only one of two sorted lists. In pairs they bound the rows that only one of two columns
 * covers.
 */
function oddOnes(a, b) {
  const odd = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || a[i] < b[j]) odd.push(a[i++]);
    else if (i >= a.length || b[j] < a[i]) odd.push(b[j++]);
    else {
      i++;
      j++;
    }
  }
  return odd;
}
