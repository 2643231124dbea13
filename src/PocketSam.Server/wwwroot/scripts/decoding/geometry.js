// Geometry of a photo in the model's square input, as `ImageGeometry` in the library: the longer side is resized to the
// input's side, and the rest is padding at the right or the bottom.

/** Input pixels for each row and column of the embedding, and of a mask's logits. */
const EMBEDDING_STRIDE = 16;
const MASK_STRIDE = 4;

/**
 * `width` and `height` are the photo's pixels and `rows` those of the embedding; the photo's sides in the input are
 * multiples of `sideMultiple`.
 */
export function geometryOf(width, height, rows, sideMultiple) {
  const inputSize = rows * EMBEDDING_STRIDE;
  const scale = inputSize / Math.max(width, height);
  const resized = (side) => Math.max(1, Math.floor((side * scale) / sideMultiple + 0.5)) * sideMultiple;
  return { width, height, inputSize, resizedWidth: resized(width), resizedHeight: resized(height), maskSide: inputSize / MASK_STRIDE };
}
