// Masks of the page: runs, scores, area in pixels and box [left, top, right, bottom].

import { MaskRuns } from './rle.js';

export function maskOf({ rle, predicted_iou: iou, stability_score: stability }) {
  return fromRuns(MaskRuns.decode(rle), rle, iou, stability);
}

/** The record that `maskOf` restores a mask from. */
export function recordOfMask({ rle, iou, stability }) {
  return { rle, predicted_iou: iou, stability_score: stability };
}

/** The union of two masks. The model has not scored the union, so it gets the lower of both scores. */
export function mergeMasks(a, b) {
  const runs = a.runs.union(b.runs);
  return fromRuns(runs, runs.encode(), Math.min(a.iou, b.iou), Math.min(a.stability, b.stability));
}

function fromRuns(runs, rle, iou, stability) {
  return { runs, rle, iou, stability, area: runs.area, box: [runs.left, runs.top, runs.right, runs.bottom] };
}
