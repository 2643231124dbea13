// Holes that are filled and islands that are dropped, as the service does it (SmallRegions). Pixels that touch at a corner
// are connected.

import { MaskRuns } from '../model/rle.js';

/** The mask without holes and islands smaller than a `share` of it; the largest island stays whatever its size. */
export function removeSpecks(mask, share) {
  const least = Math.ceil(share * mask.area);
  if (least <= 1) return mask;
  let set = stretches(mask, true);
  const holes = small(stretches(mask, false), least, true);
  if (holes.length) {
    mask = draw(mask, [...set, ...holes].sort((a, b) => a.x - b.x || a.top - b.top));
    set = stretches(mask, true);
  }
  const islands = new Set(small(set, least, false));
  return islands.size ? draw(mask, set.filter((run) => !islands.has(run))) : mask;
}

/** Stretches of columns inside of the mask, or outside of it, from the left. */
function stretches(mask, inside) {
  const found = [];
  const [from, to] = inside ? [mask.left, mask.right] : [0, mask.width];
  for (let x = from; x < to; x++) {
    const rows = mask.column(x);
    const edges = inside ? rows : [0, ...rows, mask.height];
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i] < edges[i + 1]) found.push({ x, top: edges[i], bottom: edges[i + 1] });
    }
  }
  return found;
}

function small(runs, least, areHoles) {
  const roots = connect(runs);
  const areas = new Map();
  runs.forEach(({ top, bottom }, i) => areas.set(roots[i], (areas.get(roots[i]) ?? 0) + bottom - top));
  const dropped = new Set([...areas].filter(([, area]) => area < least).map(([root]) => root));
  if (!areHoles && dropped.size && dropped.size === areas.size) dropped.delete(largest(runs, roots, areas));
  return dropped.size ? runs.filter((_, i) => dropped.has(roots[i])) : [];
}

/** Of regions of the same area the uppermost. */
function largest(runs, roots, areas) {
  const most = [...areas.values()].reduce((a, b) => Math.max(a, b));
  let best = -1;
  runs.forEach((run, i) => {
    if (areas.get(roots[i]) !== most) return;
    if (best < 0 || run.top < runs[best].top || (run.top === runs[best].top && run.x < runs[best].x)) best = i;
  });
  return roots[best];
}

/** For each run the number of its region. */
function connect(runs) {
  const parents = new Int32Array(runs.length);
  const rootOf = (i) => {
    while (parents[i] !== i) i = parents[i] = parents[parents[i]];
    return i;
  };
  let before = 0;
  runs.forEach((run, i) => {
    parents[i] = i;
    while (runs[before].x < run.x - 1 || (runs[before].x === run.x - 1 && runs[before].bottom < run.top)) before++;
    for (let j = before; j < i && runs[j].x === run.x - 1 && runs[j].top <= run.bottom; j++) parents[rootOf(j)] = rootOf(i);
  });
  return runs.map((_, i) => rootOf(i));
}

function draw({ width, height }, runs) {
  const columns = [];
  for (const { x, top, bottom } of runs) {
    const rows = (columns[x] ??= []);
    if (rows.length && rows.at(-1) === top) rows[rows.length - 1] = bottom;
    else rows.push(top, bottom);
  }
  return MaskRuns.fromColumns(width, height, columns);
}
