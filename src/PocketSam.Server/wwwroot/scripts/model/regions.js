// Removes specks from a mask, as `Rle.RemoveSmallRegions` in the library: fills small holes, then drops small islands.
// Pixels that touch at a corner are connected.

import { MaskRuns } from './rle.js';

/**
 * Removes regions smaller than a fraction of the mask. The largest island always stays; of equal ones, the uppermost.
 */
export function withoutSpecks(mask, share) {
  const least = Math.ceil(share * mask.area);
  if (least <= 1) return mask;
  let runs = runsOf(mask);
  const holes = small(gapsOf(mask), least, false);
  if (holes.length) runs = runsOf(maskOf(mask, [...runs, ...holes].sort((a, b) => a.x - b.x || a.top - b.top)));
  const islands = new Set(small(runs, least, true));
  if (!holes.length && !islands.size) return mask;
  return maskOf(mask, runs.filter((run) => !islands.has(run)));
}

/** The vertical runs inside the mask, from left to right. */
function runsOf(mask) {
  const runs = [];
  for (let x = mask.left; x < mask.right; x++) {
    for (let i = mask.starts[x - mask.left]; i < mask.starts[x - mask.left + 1]; i++) {
      runs.push({ x, top: mask.tops[i], bottom: mask.bottoms[i] });
    }
  }
  return runs;
}

/** The vertical runs outside the mask, in the whole photo. */
function gapsOf(mask) {
  const gaps = [];
  for (let x = 0; x < mask.width; x++) {
    const rows = mask.column(x);
    for (let i = 0, top = 0; i <= rows.length; top = rows[i + 1], i += 2) {
      const bottom = i < rows.length ? rows[i] : mask.height;
      if (bottom > top) gaps.push({ x, top, bottom });
    }
  }
  return gaps;
}

/** A mask of sorted vertical runs; runs that touch are joined. */
function maskOf({ width, height }, runs) {
  const columns = [];
  for (const { x, top, bottom } of runs) {
    const rows = (columns[x] ??= []);
    if (rows.at(-1) === top) rows[rows.length - 1] = bottom;
    else rows.push(top, bottom);
  }
  return MaskRuns.fromColumns(width, height, columns);
}

function small(runs, least, keepsOne) {
  const roots = connect(runs);
  const areas = new Map();
  runs.forEach(({ top, bottom }, i) => areas.set(roots[i], (areas.get(roots[i]) ?? 0) + bottom - top));
  const found = new Set([...areas].filter(([, area]) => area < least).map(([root]) => root));
  if (keepsOne && found.size && found.size === areas.size) found.delete(largest(runs, roots, areas));
  return found.size ? runs.filter((_, i) => found.has(roots[i])) : [];
}

function largest(runs, roots, areas) {
  const most = Math.max(...areas.values());
  let first = -1;
  runs.forEach(({ x, top }, i) => {
    if (areas.get(roots[i]) === most && (first < 0 || top < runs[first].top || (top === runs[first].top && x < runs[first].x))) first = i;
  });
  return roots[first];
}

/** For each run a number that is the same for all runs of its region. */
function connect(runs) {
  const parents = runs.map((_, i) => i);
  const root = (i) => {
    while (parents[i] !== i) i = parents[i] = parents[parents[i]];
    return i;
  };
  let before = 0;
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    while (runs[before].x < run.x - 1 || (runs[before].x === run.x - 1 && runs[before].bottom < run.top)) before++;
    for (let j = before; j < i && runs[j].x === run.x - 1 && runs[j].top <= run.bottom; j++) parents[root(j)] = root(i);
  }
  return runs.map((_, i) => root(i));
}
