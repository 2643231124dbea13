// Logits of a quarter of the model's input as a mask of the photo, as the service makes it (MaskUpsampler).

import { MaskRuns } from '../model/rle.js';

const TAPS = 3;

/** Distance from zero of the stability score's two thresholds. */
const MARGIN = 1;

/**
 * One axis of the way from `source` logits to `target` pixels: stretched bilinearly to the `padded` input, cut to the
 * `resized` pixels that are picture, stretched bilinearly to the photo. Each pixel is a sum of three neighbours.
 */
export function tapsOf(source, padded, resized, target) {
  const first = new Int32Array(target);
  const weights = new Float32Array(target * TAPS);
  for (let i = 0; i < target; i++) {
    const [j, share] = neighbours(resized / target, i, resized);
    const [a, shareA] = neighbours(source / padded, j, source);
    const [b, shareB] = neighbours(source / padded, Math.min(j + 1, resized - 1), source);
    first[i] = Math.min(a, source - TAPS);
    const add = (index, weight) => (weights[i * TAPS + Math.min(index, source - 1) - first[i]] += weight);
    add(a, (1 - share) * (1 - shareA));
    add(a + 1, (1 - share) * shareA);
    add(b, share * (1 - shareB));
    add(b + 1, share * shareB);
  }
  return { first, weights };
}

/** { runs, stability } of the logits `low`, `side` by `side`. */
export function enlarge(low, side, columns, rows) {
  const [width, height] = [columns.first.length, rows.first.length];
  const { left, top, right, bottom } = extentOf(low, side, -MARGIN);
  const [startX, endX] = reached(columns.first, left, right);
  const [startY, endY] = reached(rows.first, top, bottom);
  const across = new Float32Array(side);
  const found = [];
  const { first, weights } = rows;
  let sure = 0;
  let possible = 0;
  for (let x = startX; x < endX; x++) {
    const [a, b, c] = columns.weights.subarray(x * TAPS, x * TAPS + TAPS);
    for (let row = first[startY], at = row * side + columns.first[x]; row < side; row++, at += side) {
      across[row] = low[at] * a + low[at + 1] * b + low[at + 2] * c;
    }
    const column = [];
    let isInside = false;
    for (let y = startY, w = startY * TAPS; y < endY; y++, w += TAPS) {
      const at = first[y];
      const logit = across[at] * weights[w] + across[at + 1] * weights[w + 1] + across[at + 2] * weights[w + 2];
      if (logit > -MARGIN) possible++;
      if (logit > MARGIN) sure++;
      if (logit > 0 !== isInside) {
        column.push(y);
        isInside = !isInside;
      }
    }
    if (isInside) column.push(endY);
    if (column.length) found[x] = column;
  }
  return { runs: MaskRuns.fromColumns(width, height, found), stability: possible ? sure / possible : 0 };
}

function neighbours(scale, i, count) {
  const position = Math.max(0, scale * (i + 0.5) - 0.5);
  const index = Math.min(Math.floor(position), count - 1);
  return [index, position - index];
}

/** The first and last row and column that have a logit above the threshold. */
function extentOf(low, side, threshold) {
  const extent = { left: side, top: side, right: -1, bottom: -1 };
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      if (!(low[i] > threshold)) continue;
      extent.left = Math.min(extent.left, x);
      extent.right = Math.max(extent.right, x);
      extent.top = Math.min(extent.top, y);
      extent.bottom = y;
    }
  }
  return extent;
}

/** The pixels that are made of any of the logits `low` to `high`. */
function reached(first, low, high) {
  let [start, end] = [0, first.length];
  while (start < end && first[start] + TAPS - 1 < low) start++;
  while (end > start && first[end - 1] > high) end--;
  return [start, end];
}
