// Makes a prompt's inputs for the decoder and chooses among its masks, by the rules of the service (`PromptBatch`,
// `Sam.Predict`).

const NONE = -1;
const TOP_LEFT = 2;
const BOTTOM_RIGHT = 3;

/** Coordinates in input pixels, and labels: points, then the corners of a box or the padding point for no box. */
export function tokensOf({ points, box }, geometry) {
  const coordinates = [];
  const labels = [];
  const add = (x, y, label) => {
    coordinates.push((x * geometry.resizedWidth) / geometry.width, (y * geometry.resizedHeight) / geometry.height);
    labels.push(label);
  };
  for (const { x, y, label } of points) add(x, y, label);
  if (box) {
    add(box[0], box[1], TOP_LEFT);
    add(box[2], box[3], BOTTOM_RIGHT);
  } else {
    add(0, 0, NONE);
  }
  return { coordinates: Float32Array.from(coordinates), labels: Float32Array.from(labels) };
}

/**
 * The indices of the masks to show, and the position among them of the one to show first. The decoder's first mask is
 * for unambiguous prompts, the others for a single point, which may be ambiguous.
 */
export function choiceOf({ points, box, mask }, firstMask, ious) {
  if (points.length !== 1 || box || mask) return { masks: [0], best: 0 };
  const first = firstMask === 'single' ? 0 : 1;
  const masks = Array.from({ length: ious.length - first }, (_, i) => first + i);
  const best = first === 0 ? 0 : masks.reduce((most, mask, i) => (ious[mask] > ious[masks[most]] ? i : most), 0);
  return { masks, best };
}
