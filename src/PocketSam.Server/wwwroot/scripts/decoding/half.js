// Numbers of half precision, which not every browser has as arrays.

/** Little-endian halves as a `Float32Array`. */
export function fromHalf(buffer) {
  const view = new DataView(buffer);
  const values = new Float32Array(buffer.byteLength / 2);
  for (let i = 0; i < values.length; i++) values[i] = valueOf(view.getUint16(2 * i, true));
  return values;
}

function valueOf(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}
