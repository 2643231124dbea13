// Filters over the masks of a search. They act on masks in memory, without a new request.

// Scores can be negative, so only an infinite bound lets all masks pass.
export const ALL = Object.freeze({ iou: -Infinity, stability: -Infinity, smallest: 0, largest: 1 });

export function passes(mask, filters, photo) {
  const share = mask.area / (photo.width * photo.height);
  return mask.iou >= filters.iou && mask.stability >= filters.stability
    && share >= filters.smallest && share <= filters.largest;
}

/** The smallest mask that contains a pixel: a click means the part on top rather than the whole. */
export function smallestAt(masks, x, y) {
  let found = null;
  for (const mask of masks) {
    if ((!found || mask.area < found.area) && mask.runs.contains(x, y)) found = mask;
  }
  return found;
}

// A slider over fractions of the photo is logarithmic, from 0.01 % to 100 %; its first notch is 0.
const DECADES = 4;

export function shareOfNotch(notch, notches) {
  return notch <= 0 ? 0 : 10 ** (DECADES * (notch / notches - 1));
}

/** A slider over scores from 0 to 1; its first notch means no bound. */
export function scoreOfNotch(notch, notches) {
  return notch <= 0 ? -Infinity : notch / notches;
}

export function percent(share) {
  const value = share * 100;
  return `${value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)} %`;
}
