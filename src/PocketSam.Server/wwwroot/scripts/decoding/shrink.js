// Converts a mask to the logits of a mask prompt, as `MaskLogits.From` in the library: the mask's share of each square
// of input pixels.

const STRIDE = 4;

/** Shares are clamped to this distance from 0 and 1, so that logits stay in the range that models produce. */
const LEAST = 0.001;

/** Logits, `side` x `side` row by row, of a mask of the photo's size. */
export function logitsOf(runs, { resizedWidth, resizedHeight, maskSide: side }) {
  const right = resizedWidth / STRIDE;
  const bottom = resizedHeight / STRIDE;
  const [columnScale, rowScale] = [right / runs.width, bottom / runs.height];
  const areas = new Float64Array(side * side);
  const column = new Float64Array(side);
  for (let x = runs.left; x < runs.right; x++) {
    column.fill(0);
    for (let i = runs.starts[x - runs.left]; i < runs.starts[x - runs.left + 1]; i++) {
      addSpan(runs.tops[i] * rowScale, Math.min(runs.bottoms[i] * rowScale, bottom), (row, length) => (column[row] += length));
    }
    addSpan(x * columnScale, Math.min((x + 1) * columnScale, right), (at, width) => {
      for (let row = 0; row < side; row++) areas[row * side + at] += width * column[row];
    });
  }
  return Float32Array.from(areas, (area, i) => {
    const photo = Math.min(1, right - (i % side)) * Math.min(1, bottom - Math.floor(i / side));
    const share = Math.min(Math.max(area > 0 ? area / photo : 0, LEAST), 1 - LEAST);
    return Math.log(share / (1 - share));
  });
}

/** Calls `add(i, length)` with the length of the span within each interval from i to i + 1. */
function addSpan(start, end, add) {
  for (let i = Math.floor(start); i < end; i++) add(i, Math.min(i + 1, end) - Math.max(i, start));
}
