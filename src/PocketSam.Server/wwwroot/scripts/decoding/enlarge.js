// Enlarges the logits of a mask to the photo's size, bilinear with a threshold of zero, and computes the stability
// score. The counterpart of `MaskUpsampler` in the library.

import { MaskRuns } from '../model/rle.js';

const TAPS = 3;

/** Distance from zero of the stability score's two thresholds, in logits. */
const MARGIN = 1;

/** Resampling weights for one photo geometry. */
export class Enlarger {
  constructor({ width, height, inputSize, resizedWidth, resizedHeight, maskSide }) {
    this.side = maskSide;
    this.columns = tapsOf(maskSide, inputSize, resizedWidth, width);
    this.rows = tapsOf(maskSide, inputSize, resizedHeight, height);
  }

  /**
   * { runs, stability } of `side` x `side` logits, row by row. Skips pixels that no logit above minus the margin
   * contributes to.
   */
  enlarge(low) {
    const { side, columns, rows } = this;
    const [width, height] = [columns.first.length, rows.first.length];
    const area = this.#extent(low);
    const found = [];
    let sure = 0;
    let possible = 0;
    const line = new Float32Array(side);
    for (let x = area.left; x < area.right; x++) {
      const at = columns.first[x];
      const [a, b, c] = columns.weights.subarray(x * TAPS, x * TAPS + TAPS);
      for (let y = area.firstRow; y <= area.lastRow; y++) {
        const from = y * side + at;
        line[y] = a * low[from] + b * low[from + 1] + c * low[from + 2];
      }
      let begin = -1;
      for (let y = area.top; y < area.bottom; y++) {
        const from = rows.first[y];
        const w = y * TAPS;
        const value = rows.weights[w] * line[from] + rows.weights[w + 1] * line[from + 1] + rows.weights[w + 2] * line[from + 2];
        if (value > MARGIN) sure++;
        if (value > -MARGIN) possible++;
        if (value > 0) {
          if (begin < 0) begin = y;
        } else if (begin >= 0) {
          (found[x] ??= []).push(begin, y);
          begin = -1;
        }
      }
      if (begin >= 0) (found[x] ??= []).push(begin, area.bottom);
    }
    return { runs: MaskRuns.fromColumns(width, height, found), stability: possible ? sure / possible : 0 };
  }

  #extent(low) {
    const { side } = this;
    let [left, top, right, bottom] = [side, side, -1, -1];
    for (let i = 0; i < low.length; i++) {
      if (!(low[i] > -MARGIN)) continue;
      const [x, y] = [i % side, Math.floor(i / side)];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
    if (right < 0) return { left: 0, right: 0, top: 0, bottom: 0, firstRow: 0, lastRow: -1 };
    const [x0, x1] = reached(this.columns.first, left, right);
    const [y0, y1] = reached(this.rows.first, top, bottom);
    if (x0 >= x1 || y0 >= y1) return { left: 0, right: 0, top: 0, bottom: 0, firstRow: 0, lastRow: -1 };
    return { left: x0, right: x1, top: y0, bottom: y1, firstRow: this.rows.first[y0], lastRow: this.rows.first[y1 - 1] + TAPS - 1 };
  }
}

/**
 * Weights along one axis: `source` logits are resized to the padded input, cropped to the photo's part of it, and
 * resized to the photo's `target` pixels, with half-pixel centres both times. Each pixel is a weighted sum of three
 * neighbouring logits from `first` on.
 */
function tapsOf(source, padded, resized, target) {
  const first = new Int32Array(target);
  const weights = new Float32Array(target * TAPS);
  for (let i = 0; i < target; i++) {
    const [j, fraction] = neighbours(resized / target, i, resized);
    const [a, fa] = neighbours(source / padded, j, source);
    const [b, fb] = neighbours(source / padded, Math.min(j + 1, resized - 1), source);
    first[i] = Math.min(a, source - TAPS);
    const add = (place, weight) => (weights[i * TAPS + Math.min(place, source - 1) - first[i]] += weight);
    add(a, (1 - fraction) * (1 - fa));
    add(a + 1, (1 - fraction) * fa);
    add(b, fraction * (1 - fb));
    add(b + 1, fraction * fb);
  }
  return { first, weights };
}

function neighbours(scale, i, count) {
  const position = Math.max(0, scale * (i + 0.5) - 0.5);
  const index = Math.min(Math.floor(position), count - 1);
  return [index, position - index];
}

/** The range of pixels that the logits `low` to `high` contribute to: the first pixel, and the one after the last. */
function reached(first, low, high) {
  let start = 0;
  let end = first.length;
  while (start < end && first[start] + TAPS - 1 < low) start++;
  while (end > start && first[end - 1] > high) end--;
  return [start, end];
}
