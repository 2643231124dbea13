// Colours of masks and objects, the same that the service draws with.

const GOLDEN_RATIO = 0.6180339887498949;
const FIRST_HUE = 0.58;
const SATURATION = 0.85;

/** The colour of the mask at an index, as `MaskColors.Of` in the library, in the form `#rrggbb`. */
export function maskColor(index) {
  const hue = (FIRST_HUE + index * GOLDEN_RATIO) % 1;
  return `#${[0, 2 / 3, 1 / 3].map((shift) => channel((hue + shift) % 1)).join('')}`;
}

/** The colour of the objects with this name, or else the first unused one. */
export function colorFor(name, objects) {
  const namesake = name && objects.find((object) => object.name === name);
  if (namesake) return namesake.color;
  const used = new Set(objects.map(({ color }) => color));
  for (let index = 0; ; index++) {
    if (!used.has(maskColor(index))) return maskColor(index);
  }
}

/** The text colour, black or white, that reads better on a colour. */
export function inkOn(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  const luminance = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return luminance > 150 ? '#10141a' : '#ffffff';
}

/**
 * A colour channel, 0 to ff, at a turn of the hue: full within a sixth of the circle on either side of its own hue,
 * fading over the next sixth.
 */
function channel(turn) {
  const level = Math.min(Math.max(Math.abs(turn - 0.5) * 6 - 1, 0), 1);
  return Math.round(255 * (1 - SATURATION + SATURATION * level)).toString(16).padStart(2, '0');
}
