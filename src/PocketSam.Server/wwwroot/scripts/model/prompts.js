// Points and boxes: as a request, and under the pointer.

import { clamp, toScreen } from './viewport.js';

/** Holes and islands smaller than this fraction of a mask count as specks. */
export const SPECK = 0.01;

/** The prompt of one object in a request, or null if there is none. `zoom` asks for a closer look. */
export function promptOf(draft, cleanUp = false, zoom = false) {
  if (!draft.points.length && !draft.box) return null;
  const prompt = { points: draft.points.map(({ x, y, label }) => ({ x, y, label })) };
  if (draft.box) prompt.box = draft.box;
  if (draft.mask) prompt.mask = draft.mask.rle;
  if (cleanUp) prompt.min_region = SPECK;
  if (zoom) prompt.zoom = true;
  return prompt;
}

/** The same prompt without a closer look. */
export function atFirstSight({ zoom, ...prompt }) {
  return prompt;
}

export function keyOf(prompt) {
  return JSON.stringify(prompt);
}

/** The pixel at a place on the photo, clamped to the photo. */
export function pixelAt({ x, y }, photo) {
  return { x: clamp(Math.floor(x), 0, photo.width - 1), y: clamp(Math.floor(y), 0, photo.height - 1) };
}

/** The box between two corners in any order, rounded to whole pixels, or null if it is empty. */
export function boxBetween(a, b, photo) {
  const x0 = clamp(Math.round(Math.min(a.x, b.x)), 0, photo.width);
  const y0 = clamp(Math.round(Math.min(a.y, b.y)), 0, photo.height);
  const x1 = clamp(Math.round(Math.max(a.x, b.x)), 0, photo.width);
  const y1 = clamp(Math.round(Math.max(a.y, b.y)), 0, photo.height);
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
}

export function moveBox([x0, y0, x1, y1], dx, dy, photo) {
  const left = clamp(Math.round(x0 + dx), 0, photo.width - (x1 - x0));
  const top = clamp(Math.round(y0 + dy), 0, photo.height - (y1 - y0));
  return [left, top, left + x1 - x0, top + y1 - y0];
}

/**
 * The eight handles of a box. `h` and `v` tell which side a handle moves: -1 left or top, 1 right or bottom, 0 none.
 */
export function handlesOf([x0, y0, x1, y1]) {
  const handles = [];
  for (const v of [-1, 0, 1]) {
    for (const h of [-1, 0, 1]) {
      if (h || v) handles.push({ h, v, x: along(x0, x1, h), y: along(y0, y1, v) });
    }
  }
  return handles;
}

export function resizeBox([x0, y0, x1, y1], { h, v }, to, photo) {
  const a = { x: h < 0 ? to.x : x0, y: v < 0 ? to.y : y0 };
  const b = { x: h > 0 ? to.x : x1, y: v > 0 ? to.y : y1 };
  return boxBetween(a, b, photo);
}

/** What is within `reach` CSS pixels of a place on the screen: { point }, { handle }, { edge: true } or null. */
export function hitTest(draft, view, at, reach) {
  const close = (place) => {
    const screen = toScreen(view, place);
    return Math.hypot(screen.x - at.x, screen.y - at.y) <= reach;
  };
  const point = draft.points.findLast(({ x, y }) => close({ x: x + 0.5, y: y + 0.5 }));
  if (point) return { point };
  if (!draft.box) return null;
  const handle = handlesOf(draft.box).find(close);
  if (handle) return { handle };
  return isOnEdge(draft.box, view, at, Math.min(reach, 8)) ? { edge: true } : null;
}

function isOnEdge([x0, y0, x1, y1], view, at, reach) {
  const from = toScreen(view, { x: x0, y: y0 });
  const to = toScreen(view, { x: x1, y: y1 });
  const isNear = at.x >= from.x - reach && at.x <= to.x + reach && at.y >= from.y - reach && at.y <= to.y + reach;
  const isDeep = at.x > from.x + reach && at.x < to.x - reach && at.y > from.y + reach && at.y < to.y - reach;
  return isNear && !isDeep;
}

function along(first, second, side) {
  return side < 0 ? first : side > 0 ? second : (first + second) / 2;
}
