// Colours of masks and objects: those that the service draws pictures in, so that a mask has one colour everywhere.

const GOLDEN_RATIO = 0.6180339887498949;
const FIRST_HUE = 0.58;
const SATURATION = 0.85;

/** The colour of a mask by its place in the list, from 0: `MaskColors.Of` of the library as `#rrggbb`. */
export function maskColor(index) {
  const hue = (FIRST_HUE + index * GOLDEN_RATIO) % 1;
  return `#${[0, 2 / 3, 1 / 3].map((shift) => channel((hue + shift) % 1)).join('')}`;
}

/** The colour of the objects of that name, else the first that no object has. */
export function colorFor(name, objects) {
  const namesake = name && objects.find((object) => object.name === name);
  if (namesake) return namesake.color;
  const used = new Set(objects.map(({ color }) => color));
  for (let index = 0; ; index++) {
    if (!used.has(maskColor(index))) return maskColor(index);
  }
}

/** Black or white, whichever reads better on the colour. */
export function inkOn(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  const luminance = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return luminance > 150 ? '#10141a' : '#ffffff';
}

/** A channel is full within a sixth of the circle on either side of its own hue, and fades over the next sixth. */
function channel(turn) {
  const level = Math.min(Math.max(Math.abs(turn - 0.5) * 6 - 1, 0), 1);
  return Math.round(255 * (1 - SATURATION + SATURATION * level)).toString(16).padStart(2, '0');
}
