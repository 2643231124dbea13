// A mask as the page keeps it: what the service said of it, and its runs.

import { MaskRuns } from './rle.js';

export function maskOf({ rle, predicted_iou: iou, stability_score: stability }) {
  return fromRuns(MaskRuns.decode(rle), rle, iou, stability);
}

/** What `maskOf` makes the mask of again. */
export function recordOfMask({ rle, iou, stability }) {
  return { rle, predicted_iou: iou, stability_score: stability };
}

/** Two masks as one. What was predicted of the parts says nothing of the whole, so the lower scores stay. */
export function mergeMasks(a, b) {
  const runs = a.runs.union(b.runs);
  return fromRuns(runs, runs.encode(), Math.min(a.iou, b.iou), Math.min(a.stability, b.stability));
}

function fromRuns(runs, rle, iou, stability) {
  return { runs, rle, iou, stability, area: runs.area, box: [runs.left, runs.top, runs.right, runs.bottom] };
}
