// Two versions of one picture side by side, for a person to choose.

import { ask, byId } from '../scripts/dom.js';
import { MaskPainter } from '../scripts/stage/maskpainter.js';
import { onPhoto, paintObjects } from './scene.js';

const WIDTH = 400;

/** Promises 'mine' or 'theirs'. A dialog that is left otherwise comes again: nothing is thrown away by a stray key. */
export async function resolveConflict(app, theirs, mine) {
  const when = theirs.when ? ` at ${new Date(theirs.when).toLocaleTimeString()}` : '';
  byId('conflict-text').textContent = `${theirs.by ?? 'Someone'} changed ${theirs.name ?? 'it'}${when}, before your change arrived.`;
  const photo = await photoOf(app, theirs);
  draw(app, byId('conflict-theirs'), photo, theirs.objects);
  draw(app, byId('conflict-mine'), photo, mine.objects);
  for (;;) {
    const choice = await ask(byId('conflict-dialog'));
    if (choice === 'mine' || choice === 'theirs') return choice;
  }
}

async function photoOf(app, { id, width, height }) {
  const { picture, photo } = app.state;
  if (picture?.id === id && photo) return photo;
  const bitmap = await app.client.image(id).then((blob) => createImageBitmap(blob)).catch(() => null);
  return { bitmap, width: width ?? bitmap?.width ?? WIDTH, height: height ?? bitmap?.height ?? WIDTH };
}

function draw(app, canvas, { bitmap, width, height }, objects) {
  const scale = WIDTH / width;
  canvas.width = WIDTH;
  canvas.height = Math.max(1, Math.round(height * scale));
  const frame = { view: { scale, x: 0, y: 0 }, ratio: 1, part: [0, 0, width, height] };
  const context = canvas.getContext('2d');
  onPhoto(context, frame);
  if (bitmap) context.drawImage(bitmap, 0, 0, width, height);
  paintObjects(context, new MaskPainter(), objects, app, [], frame);
}
