// Colours of objects: far apart for most eyes, bright enough to be seen on a photo. Borders and names tell objects
// apart where colours do not.

const PALETTE = [
  '#2f80ed', '#f2994a', '#27ae60', '#eb5ba6', '#f2c94c',
  '#9b51e0', '#19b5c9', '#eb5757', '#a3c940', '#b9770e',
];

/** The colour of the objects of that name, else the first that the fewest objects have. */
export function colorFor(name, objects) {
  const namesake = name && objects.find((object) => object.name === name);
  if (namesake) return namesake.color;
  const uses = PALETTE.map((color) => objects.filter((object) => object.color === color).length);
  return PALETTE[uses.indexOf(Math.min(...uses))];
}

export function paletteColor(index) {
  return PALETTE[index % PALETTE.length];
}

/** Black or white, whichever reads better on the colour. */
export function inkOn(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  const luminance = 0.299 * (value >> 16) + 0.587 * ((value >> 8) & 255) + 0.114 * (value & 255);
  return luminance > 150 ? '#10141a' : '#ffffff';
}
