// Unpacks the service's embeddings: a scale for each channel, then 16-bit integers, channels first, little-endian.

const SCALE_BYTES = 4;
const NUMBER_BYTES = 2;

export function unpack(buffer, [, channels, rows, columns]) {
  const view = new DataView(buffer);
  const size = rows * columns;
  const values = new Float32Array(channels * size);
  for (let i = 0; i < values.length; i++) {
    values[i] = view.getFloat32(SCALE_BYTES * Math.floor(i / size), true) * view.getInt16(SCALE_BYTES * channels + NUMBER_BYTES * i, true);
  }
  return values;
}
