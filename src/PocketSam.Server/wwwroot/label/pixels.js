// Changes to bitmaps (see rle.js), each in place.

/** Sets the pixels within `radius` of the line between two places of the photo to `value`. */
export function stroke({ width, height, data }, from, to, radius, value) {
  const reach = Math.max(0.5, radius);
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const right = Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + reach));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  for (let x = left; x <= right; x++) {
    for (let y = top; y <= bottom; y++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = length > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= reach * reach) data[x * height + y] = value;
    }
  }
}

/** Sets the pixels whose middle is inside of the polygon, by the even-odd rule. */
export function fillPolygon({ width, height, data }, corners) {
  if (corners.length < 3) return;
  const xs = corners.map(({ x }) => x);
  const left = Math.max(0, Math.floor(Math.min(...xs)));
  const right = Math.min(width - 1, Math.ceil(Math.max(...xs)));
  for (let x = left; x <= right; x++) {
    const middle = x + 0.5;
    const crossings = [];
    corners.forEach((a, i) => {
      const b = corners[(i + 1) % corners.length];
      if (a.x <= middle === b.x <= middle) return;
      crossings.push(a.y + ((middle - a.x) * (b.y - a.y)) / (b.x - a.x));
    });
    crossings.sort((one, two) => one - two);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const top = Math.min(height, Math.max(0, Math.ceil(crossings[i] - 0.5)));
      const bottom = Math.min(height, Math.max(0, Math.ceil(crossings[i + 1] - 0.5)));
      if (bottom > top) data.fill(1, x * height + top, x * height + bottom);
    }
  }
}

/** Fills what background the mask encloses; returns how many pixels. */
export function fillHoles(bitmap) {
  const { regions, labels } = regionsOf(bitmap, 0);
  const isHole = regions.map(({ touchesEdge }) => !touchesEdge);
  let filled = 0;
  labels.forEach((label, at) => {
    if (!label || !isHole[label - 1]) return;
    bitmap.data[at] = 1;
    filled++;
  });
  return filled;
}

/** Keeps the largest connected part alone; returns how many pixels went. */
export function dropIslands(bitmap) {
  const { regions, labels } = regionsOf(bitmap, 1);
  if (regions.length < 2) return 0;
  const kept = 1 + regions.reduce((best, region, i) => (region.area > regions[best].area ? i : best), 0);
  let dropped = 0;
  labels.forEach((label, at) => {
    if (!label || label === kept) return;
    bitmap.data[at] = 0;
    dropped++;
  });
  return dropped;
}

export function addAll(bitmap, other) {
  other.data.forEach((value, at) => {
    if (value) bitmap.data[at] = 1;
  });
}

export function isEmpty({ data }) {
  return data.indexOf(1) < 0;
}

/** The parts of one value that hang together: over corners too where they are foreground, over sides alone where not. */
function regionsOf({ width, height, data }, value) {
  const labels = new Int32Array(data.length);
  const regions = [];
  const stack = [];
  for (let start = 0; start < data.length; start++) {
    if (data[start] !== value || labels[start]) continue;
    const region = { area: 0, touchesEdge: false };
    regions.push(region);
    labels[start] = regions.length;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop();
      const x = Math.floor(at / height);
      const y = at - x * height;
      region.area++;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) region.touchesEdge = true;
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          if ((!dx && !dy) || (!value && dx && dy)) continue;
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          const next = nx * height + ny;
          if (data[next] !== value || labels[next]) continue;
          labels[next] = regions.length;
          stack.push(next);
        }
      }
    }
  }
  return { regions, labels };
}
