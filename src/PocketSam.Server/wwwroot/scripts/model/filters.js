// What of the masks of everything is shown. Filters act on masks that are here already: nothing is asked again.

// A score may lie below 0, so nothing but no bound at all shows all masks.
export const ALL = Object.freeze({ iou: -Infinity, stability: -Infinity, smallest: 0, largest: 1 });

export function passes(mask, filters, photo) {
  const share = mask.area / (photo.width * photo.height);
  return mask.iou >= filters.iou && mask.stability >= filters.stability
    && share >= filters.smallest && share <= filters.largest;
}

/** The smallest of the masks that hold a pixel: what lies on a thing is meant rather than the thing. */
export function smallestAt(masks, x, y) {
  let found = null;
  for (const mask of masks) {
    if ((!found || mask.area < found.area) && mask.runs.contains(x, y)) found = mask;
  }
  return found;
}

// A slider over shares of the photo is logarithmic: from 0.01 % to all of it, its first notch being nothing at all.
const DECADES = 4;

export function shareOfNotch(notch, notches) {
  return notch <= 0 ? 0 : 10 ** (DECADES * (notch / notches - 1));
}

/** A slider over scores, its first notch being no bound. */
export function scoreOfNotch(notch, notches) {
  return notch <= 0 ? -Infinity : notch / notches;
}

export function percent(share) {
  const value = share * 100;
  return `${value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2)} %`;
}
