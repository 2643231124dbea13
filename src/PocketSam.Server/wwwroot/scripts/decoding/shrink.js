// A mask to start from as logits (`MaskLogits.From` of the library): the share of the mask in each square of the input.

const STRIDE = 4;

/** Shares nearer to 0 or 1 would be logits beyond those that models make themselves. */
const LEAST = 0.001;

/** Logits of `runs`, a mask of the photo's size. */
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

/** Tells how much of a span lies between each whole number and the next. */
function addSpan(start, end, add) {
  for (let i = Math.floor(start); i < end; i++) add(i, Math.min(i + 1, end) - Math.max(i, start));
}
