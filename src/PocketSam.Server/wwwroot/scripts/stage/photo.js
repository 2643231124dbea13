// A photo for the screen: upright, with smaller copies so that a large photo is not scaled down for every frame.

import { upright, webpOrientation } from './orientation.js';

const SMALL_ENOUGH = 2048;

/**
 * { name, blob, width, height, levels }, with the levels from large to small. Throws if the browser cannot read the
 * photo.
 */
export async function decodePhoto(blob, name) {
  const levels = [];
  try {
    let bitmap = await decodeUpright(blob);
    levels.push(bitmap);
    while (Math.max(bitmap.width, bitmap.height) > SMALL_ENOUGH) {
      bitmap = await createImageBitmap(bitmap, {
        resizeWidth: Math.max(1, bitmap.width >> 1),
        resizeHeight: Math.max(1, bitmap.height >> 1),
        resizeQuality: 'medium',
      });
      levels.push(bitmap);
    }
  } catch {
    closePhoto({ levels });
    throw new Error(`${name} is not a picture that this browser can show. JPEG, PNG and WebP always work.`);
  }
  return { name, blob, width: levels[0].width, height: levels[0].height, levels };
}

async function decodeUpright(blob) {
  const orientation = await webpOrientation(blob);
  if (orientation === null) return createImageBitmap(blob, { imageOrientation: 'from-image' });
  const stored = await createImageBitmap(blob, { imageOrientation: 'none' });
  try {
    return upright(stored, orientation);
  } finally {
    stored.close();
  }
}

/** The smallest copy that has at least the screen's resolution. */
export function levelFor(photo, pixelsPerPhotoPixel) {
  return photo.levels.findLast((level) => level.width >= photo.width * pixelsPerPhotoPixel) ?? photo.levels[0];
}

export function closePhoto(photo) {
  for (const level of photo.levels) level.close();
}
