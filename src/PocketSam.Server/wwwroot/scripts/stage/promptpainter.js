// Draws points, the box, the keyboard's cursor and the guides of the box tool, in CSS pixels. Points differ in their
// sign as well as in colour.

import { handlesOf } from '../model/prompts.js';
import { toScreen } from '../model/viewport.js';

const RADIUS = 8;

export function paintBox(context, box, view, colors, isEditable) {
  const from = toScreen(view, { x: box[0], y: box[1] });
  const to = toScreen(view, { x: box[2], y: box[3] });
  outlined(context, colors, () => context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y));
  if (!isEditable) return;
  for (const handle of handlesOf(box)) {
    const { x, y } = toScreen(view, handle);
    context.beginPath();
    context.roundRect(x - 5, y - 5, 10, 10, 2.5);
    context.fillStyle = '#ffffff';
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = colors.accent;
    context.stroke();
  }
}

export function paintPoint(context, point, view, colors, isActive) {
  const { x, y } = toScreen(view, { x: point.x + 0.5, y: point.y + 0.5 });
  const radius = isActive ? RADIUS + 2 : RADIUS;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = point.label ? colors.include : colors.exclude;
  context.shadowColor = 'rgba(0, 0, 0, 0.45)';
  context.shadowBlur = 4;
  context.fill();
  context.shadowBlur = 0;
  context.lineWidth = 2;
  context.strokeStyle = '#ffffff';
  context.stroke();
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  if (point.label) {
    context.moveTo(x, y - 4);
    context.lineTo(x, y + 4);
  }
  context.stroke();
}

export function paintCursor(context, cursor, view, colors) {
  const { x, y } = toScreen(view, { x: cursor.x + 0.5, y: cursor.y + 0.5 });
  outlined(context, colors, () => {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 14 * dx, y + 14 * dy);
    }
    context.stroke();
  });
}

export function paintGuides(context, at, size) {
  context.beginPath();
  context.moveTo(at.x, 0);
  context.lineTo(at.x, size.height);
  context.moveTo(0, at.y);
  context.lineTo(size.width, at.y);
  context.lineWidth = 3;
  context.strokeStyle = 'rgba(0, 0, 0, 0.35)';
  context.stroke();
  context.lineWidth = 1;
  context.strokeStyle = 'rgba(255, 255, 255, 0.9)';
  context.stroke();
}

export function paintTag(context, text, at, color, ink, bounds) {
  context.font = '600 12px system-ui, sans-serif';
  const width = Math.min(160, context.measureText(text).width) + 14;
  const x = Math.min(Math.max(at.x - width / 2, 4), bounds.width - width - 4);
  const y = Math.min(Math.max(at.y - 10, 4), bounds.height - 24);
  context.beginPath();
  context.roundRect(x, y, width, 20, 10);
  context.fillStyle = color;
  context.shadowColor = 'rgba(0, 0, 0, 0.4)';
  context.shadowBlur = 4;
  context.fill();
  context.shadowBlur = 0;
  context.fillStyle = ink;
  context.textBaseline = 'middle';
  context.fillText(text, x + 7, y + 10.5, 160);
}

function outlined(context, colors, stroke) {
  context.lineWidth = 4;
  context.strokeStyle = 'rgba(255, 255, 255, 0.9)';
  stroke();
  context.lineWidth = 2;
  context.strokeStyle = colors.accent;
  stroke();
}
