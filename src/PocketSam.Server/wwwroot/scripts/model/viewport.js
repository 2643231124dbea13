// The view of the photo on the screen, { scale, x, y }: CSS pixels for a photo pixel, and the place of the photo's
// upper left corner. A size is { width, height }. Views are immutable; each function returns a new one.

export const MAX_SCALE = 40;
const KEPT_IN_SIGHT = 48;

/**
 * The view that shows the whole photo as large as possible in the middle of the stage, with at least the margins `{ x,
 * y }` on each side.
 */
export function fit(stage, photo, margin = { x: 16, y: 16 }) {
  const width = Math.max(1, stage.width - 2 * margin.x);
  const height = Math.max(1, stage.height - 2 * margin.y);
  const scale = Math.min(width / photo.width, height / photo.height, MAX_SCALE);
  return { scale, x: (stage.width - photo.width * scale) / 2, y: (stage.height - photo.height * scale) / 2 };
}

function smallestScale(stage, photo) {
  return Math.min(fit(stage, photo).scale, 1) / 4;
}

/** Zooms so that the photo's point under `at` on the screen stays there. */
export function zoomAt(view, factor, at, stage, photo) {
  const scale = Math.min(MAX_SCALE, Math.max(smallestScale(stage, photo), view.scale * factor));
  const ratio = scale / view.scale;
  return keepInSight({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, stage, photo);
}

export function pan(view, dx, dy, stage, photo) {
  return keepInSight({ ...view, x: view.x + dx, y: view.y + dy }, stage, photo);
}

export function keepInSight(view, stage, photo) {
  const width = photo.width * view.scale;
  const height = photo.height * view.scale;
  return {
    scale: view.scale,
    x: clamp(view.x, KEPT_IN_SIGHT - width, stage.width - KEPT_IN_SIGHT),
    y: clamp(view.y, KEPT_IN_SIGHT - height, stage.height - KEPT_IN_SIGHT),
  };
}

/** Moves the view by the least amount that brings the photo's point `at` to at least `margin` from the stage's edge. */
export function reveal(view, at, stage, margin = 40) {
  const { x, y } = toScreen(view, at);
  return {
    scale: view.scale,
    x: view.x + clamp(x, margin, Math.max(margin, stage.width - margin)) - x,
    y: view.y + clamp(y, margin, Math.max(margin, stage.height - margin)) - y,
  };
}

export function toPhoto(view, point) {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale };
}

export function toScreen(view, point) {
  return { x: point.x * view.scale + view.x, y: point.y * view.scale + view.y };
}

/** The visible part of the photo in whole pixels, [x0, y0, x1, y1]. */
export function visiblePart(view, stage, photo) {
  const from = toPhoto(view, { x: 0, y: 0 });
  const to = toPhoto(view, { x: stage.width, y: stage.height });
  return [
    clamp(Math.floor(from.x), 0, photo.width),
    clamp(Math.floor(from.y), 0, photo.height),
    clamp(Math.ceil(to.x), 0, photo.width),
    clamp(Math.ceil(to.y), 0, photo.height),
  ];
}

export function isInside(photo, { x, y }) {
  return x >= 0 && y >= 0 && x < photo.width && y < photo.height;
}

export function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}
