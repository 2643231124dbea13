// How a photo lies in the model's square input (`ImageGeometry` of the library): its longest side is stretched to the
// input's, the rest is padding at the right and below.

/** Pixels of the input for each row and column of the embedding, and of the logits of a mask. */
const EMBEDDING_STRIDE = 16;
const MASK_STRIDE = 4;

/** `rows` is those of the embedding; sides of the photo in the input are whole multiples of `sideMultiple`. */
export function geometryOf(width, height, rows, sideMultiple) {
  const inputSize = rows * EMBEDDING_STRIDE;
  const scale = inputSize / Math.max(width, height);
  const resized = (side) => Math.max(1, Math.floor((side * scale) / sideMultiple + 0.5)) * sideMultiple;
  return { width, height, inputSize, resizedWidth: resized(width), resizedHeight: resized(height), maskSide: inputSize / MASK_STRIDE };
}
