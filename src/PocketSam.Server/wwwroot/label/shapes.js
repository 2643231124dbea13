// Operations on masks without a model: holes, islands, parts, strokes, polygons. Masks are run lengths; operations
// other than those on rows and columns use the bytes of the mask's box only.

import { MaskRuns } from '../scripts/model/rle.js';

/** The most bytes of a box that is processed, so that a stroke over a whole picture of 100 megapixels is refused. */
const MOST_PIXELS = 1e8;

/** The mask with its holes filled. */
export function fillHoles(runs) {
  if (runs.isEmpty) return runs;
  const box = [runs.left - 1, runs.top - 1, runs.right + 1, runs.bottom + 1];
  const { bytes, rows, columns } = bytesOf(runs, box);
  flood(bytes, rows, columns, 0, 0, 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i] === 2 ? 0 : 1;
  return MaskRuns.fromBytes(bytes, runs.width, runs.height, box);
}

/** The connected parts of a mask (4-connectivity), the largest first: at most `most`, the last one with the rest. */
export function splitParts(runs, most = 100) {
  if (runs.isEmpty) return [];
  const box = [runs.left, runs.top, runs.right, runs.bottom];
  const { bytes, rows, columns } = bytesOf(runs, box);
  const parts = [];
  for (let at = bytes.indexOf(1); at >= 0; at = bytes.indexOf(1, at)) {
    const label = 2 + Math.min(parts.length, most - 1);
    const area = flood(bytes, rows, columns, Math.floor(at / rows), at % rows, label);
    if (parts.length < most) parts.push({ label, area });
    else parts[most - 1].area += area;
  }
  parts.sort((a, b) => b.area - a.area);
  return parts.map(({ label }) => MaskRuns.fromBytes(bytes.map((value) => (value === label ? 1 : 0)), runs.width, runs.height, box));
}

/** The largest connected part. */
export function dropIslands(runs) {
  return splitParts(runs)[0] ?? runs;
}

/** The mask of a stroke between two points with a round brush of `radius` pixels. */
export function strokeOf(from, to, radius, { width, height }) {
  const columns = [];
  const [x0, x1] = [Math.min(from.x, to.x) - radius, Math.max(from.x, to.x) + radius];
  for (let x = Math.max(0, Math.floor(x0)); x < Math.min(width, Math.ceil(x1)); x++) {
    const span = spanAt(from, to, radius, x + 0.5);
    if (!span) continue;
    const top = Math.max(0, Math.ceil(span[0] - 0.5));
    const bottom = Math.min(height, Math.floor(span[1] - 0.5) + 1);
    if (bottom > top) columns[x] = [top, bottom];
  }
  return MaskRuns.fromColumns(width, height, columns);
}

/** The rows of a capsule in column `x`: those of the circles at both ends and of the band between them. */
function spanAt(a, b, radius, x) {
  let [low, high] = [Infinity, -Infinity];
  const add = (y) => {
    low = Math.min(low, y);
    high = Math.max(high, y);
  };
  for (const { x: cx, y: cy } of [a, b]) {
    const square = radius * radius - (x - cx) ** 2;
    if (square < 0) continue;
    add(cy - Math.sqrt(square));
    add(cy + Math.sqrt(square));
  }
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length > 0) {
    const [nx, ny] = [(-(b.y - a.y) / length) * radius, ((b.x - a.x) / length) * radius];
    for (const side of [1, -1]) {
      const [p, q] = [{ x: a.x + side * nx, y: a.y + side * ny }, { x: b.x + side * nx, y: b.y + side * ny }];
      const [least, most] = [Math.min(p.x, q.x), Math.max(p.x, q.x)];
      if (x < least || x > most) continue;
      if (most - least < 1e-9) {
        add(p.y);
        add(q.y);
      } else {
        add(p.y + ((x - p.x) / (q.x - p.x)) * (q.y - p.y));
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/** The inside of closed lines `[{ x, y }, …]` by the even-odd rule: pixels whose centres are inside. */
export function fillRings(rings, { width, height }) {
  const crossings = [];
  for (const ring of rings) {
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length];
      const [left, right] = a.x < b.x ? [a, b] : [b, a];
      const last = Math.min(width, Math.ceil(right.x - 0.5));
      for (let x = Math.max(0, Math.ceil(left.x - 0.5)); x < last; x++) {
        const y = left.y + ((x + 0.5 - left.x) / (right.x - left.x)) * (right.y - left.y);
        (crossings[x] ??= []).push(Math.min(height, Math.max(0, Math.ceil(y - 0.5))));
      }
    });
  }
  const columns = [];
  for (const [x, rows] of Object.entries(crossings)) {
    rows.sort((a, b) => a - b);
    const column = [];
    for (let i = 0; i + 1 < rows.length; i += 2) {
      if (rows[i + 1] === rows[i]) continue;
      if (column.at(-1) === rows[i]) column[column.length - 1] = rows[i + 1];
      else column.push(rows[i], rows[i + 1]);
    }
    if (column.length) columns[x] = column;
  }
  return MaskRuns.fromColumns(width, height, columns);
}

/** The border of a mask as closed lines on pixel corners, with the inside on the left, including holes. */
export function ringsOf(runs) {
  const next = new Map();
  const key = (x, y) => x * (runs.height + 1) + y;
  const add = (x0, y0, x1, y1) => {
    const from = key(x0, y0);
    if (!next.has(from)) next.set(from, []);
    next.get(from).push({ x: x1, y: y1 });
  };
  let before = [];
  for (let x = runs.left; x <= runs.right; x++) {
    const rows = runs.column(x);
    for (let i = 0; i < rows.length; i += 2) {
      add(x + 1, rows[i], x, rows[i]);
      add(x, rows[i + 1], x + 1, rows[i + 1]);
    }
    // Between two columns: downwards if only the right pixel is inside, upwards if only the left one is.
    for (const [rowsOfOne, rowsOfOther, isDown] of [[rows, before, true], [before, rows, false]]) {
      const alone = differenceOf(rowsOfOne, rowsOfOther);
      for (let i = 0; i < alone.length; i += 2) {
        if (isDown) add(x, alone[i], x, alone[i + 1]);
        else add(x, alone[i + 1], x, alone[i]);
      }
    }
    before = rows;
  }
  return chained(next, key);
}

/** Joins directed segments to rings; if two begin at one corner, takes the turn that separates diagonal pixels. */
function chained(next, key) {
  const rings = [];
  for (const [start, pieces] of next) {
    while (pieces.length) {
      const ring = [];
      let at = pieces.pop();
      let direction = null;
      for (;;) {
        ring.push(at);
        const from = key(at.x, at.y);
        if (from === start) break;
        const options = next.get(from);
        const previous = ring.at(-2);
        if (previous) direction = { x: at.x - previous.x, y: at.y - previous.y };
        const chosen = options.length > 1 && direction
          ? options.findIndex((to) => direction.x * (to.y - at.y) - direction.y * (to.x - at.x) < 0) : 0;
        at = options.splice(Math.max(0, chosen), 1)[0];
      }
      rings.push(ring);
    }
  }
  return rings;
}

/**
 * Simplifies a closed line, so that no removed point is farther than `tolerance` pixels from it (Douglas and Peucker).
 */
export function simplify(ring, tolerance) {
  if (ring.length < 5) return ring;
  let far = 0;
  ring.forEach((point, i) => {
    if (distance(point, ring[0]) > distance(ring[far], ring[0])) far = i;
  });
  const closed = [...ring, ring[0]];
  const kept = new Set([0, far]);
  const open = [[0, far], [far, ring.length]];
  while (open.length) {
    const [from, to] = open.pop();
    let [worst, at] = [tolerance, -1];
    for (let i = from + 1; i < to; i++) {
      const off = distanceToSegment(closed[i], closed[from], closed[to]);
      if (off > worst) [worst, at] = [off, i];
    }
    if (at < 0) continue;
    kept.add(at);
    open.push([from, at], [at, to]);
  }
  const simple = ring.filter((_, i) => kept.has(i));
  return simple.length >= 3 ? simple : ring;
}

export function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function distanceToSegment(p, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const square = dx * dx + dy * dy;
  const t = square ? Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / square)) : 0;
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/** The rows that are in the first column only, as tops and bottoms. */
function differenceOf(a, b) {
  const rows = [...new Set([...a, ...b])].sort((one, two) => one - two);
  const isIn = (column, row) => column.findLastIndex((edge) => edge <= row) % 2 === 0;
  const alone = [];
  for (let i = 0; i + 1 < rows.length; i++) {
    if (!isIn(a, rows[i]) || isIn(b, rows[i])) continue;
    if (alone.at(-1) === rows[i]) alone[alone.length - 1] = rows[i + 1];
    else alone.push(rows[i], rows[i + 1]);
  }
  return alone;
}

function bytesOf(runs, box) {
  const [columns, rows] = [box[2] - box[0], box[3] - box[1]];
  if (columns * rows > MOST_PIXELS) throw new RangeError('The mask is too large for this.');
  return { bytes: runs.toBytes(box), rows, columns };
}

/** Sets the connected bytes around a position to a value, and returns their number. */
function flood(bytes, rows, columns, x, y, value) {
  const old = bytes[x * rows + y];
  const stack = [x * rows + y];
  bytes[stack[0]] = value;
  let area = 0;
  const visit = (at) => {
    if (bytes[at] !== old) return;
    bytes[at] = value;
    stack.push(at);
  };
  while (stack.length) {
    const at = stack.pop();
    area++;
    const row = at % rows;
    if (row > 0) visit(at - 1);
    if (row < rows - 1) visit(at + 1);
    if (at >= rows) visit(at - rows);
    if (at < rows * (columns - 1)) visit(at + rows);
  }
  return area;
}
