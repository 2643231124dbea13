// Reads the EXIF orientation of WebP files. Browsers turn JPEG and PNG upright but show WebP as stored.

const TAG = 0x0112;
const ENTRY = 12;

/** The orientation, 1 to 8, or null if the file is not WebP or has none. */
export async function webpOrientation(blob) {
  const view = new DataView(await blob.slice(0, 12).arrayBuffer());
  if (view.byteLength < 12 || nameAt(view, 0) !== 'RIFF' || nameAt(view, 8) !== 'WEBP') return null;
  for (let at = 12; at + 8 <= blob.size;) {
    const head = new DataView(await blob.slice(at, at + 8).arrayBuffer());
    const size = head.getUint32(4, true);
    if (nameAt(head, 0) === 'EXIF') return orientationOf(new DataView(await blob.slice(at + 8, at + 8 + size).arrayBuffer()));
    at += 8 + size + (size % 2);
  }
  return null;
}

/** A bitmap turned upright. */
export function upright(bitmap, orientation) {
  const { width: w, height: h } = bitmap;
  const matrix = [
    [1, 0, 0, 1, 0, 0], [-1, 0, 0, 1, w, 0], [-1, 0, 0, -1, w, h], [1, 0, 0, -1, 0, h],
    [0, 1, 1, 0, 0, 0], [0, 1, -1, 0, h, 0], [0, -1, -1, 0, h, w], [0, -1, 1, 0, 0, w],
  ][orientation - 1];
  const canvas = orientation > 4 ? new OffscreenCanvas(h, w) : new OffscreenCanvas(w, h);
  const context = canvas.getContext('2d');
  context.setTransform(...matrix);
  context.drawImage(bitmap, 0, 0);
  return canvas.transferToImageBitmap();
}

function orientationOf(exif) {
  try {
    const start = nameAt(exif, 0) === 'Exif' ? 6 : 0;
    const isLittle = exif.getUint16(start) === 0x4949;
    const directory = start + exif.getUint32(start + 4, isLittle);
    const count = exif.getUint16(directory, isLittle);
    for (let i = 0; i < count; i++) {
      const entry = directory + 2 + i * ENTRY;
      if (exif.getUint16(entry, isLittle) !== TAG) continue;
      const value = exif.getUint16(entry + 8, isLittle);
      return value >= 1 && value <= 8 ? value : null;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // A truncated block counts as none.
  }
  return null;
}

function nameAt(view, at) {
  if (view.byteLength < at + 4) return '';
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}
