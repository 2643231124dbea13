// Dialog for conflicting changes of a picture: both versions side by side, and a choice for each object.

import { ask, byId, element } from '../scripts/dom.js';
import { MaskRuns } from '../scripts/model/rle.js';
import { commonView, thumbnail } from '../scripts/stage/thumbnail.js';
import { STATES } from './app.js';

const BLANK = 1;
const SIZE = { width: 264, height: 198 };

/** Returns a promise of `{ rows, keepsReview }`; null if the user cancels. */
export async function askConflict({ app, name, problem, rows, review, photo }) {
  const who = problem.by || 'Somebody else';
  byId('conflict-heading').textContent = `${who} changed ${name} too`;
  byId('conflict-text').textContent = rows.length
    ? 'Nothing is lost: choose what stays of each object. What only one of you touched is chosen already.'
    : 'Nothing is lost: choose which state the picture has.';
  const list = byId('conflict-rows');
  list.replaceChildren(...rows.map((row, index) => rowOf(app, row, index, who, photo)));
  if (review) list.append(reviewRow(review, problem, who));
  for (const [id, side] of [['conflict-mine', 'mine'], ['conflict-theirs', 'theirs']]) {
    byId(id).onclick = () => {
      for (const input of list.querySelectorAll(`input[value=${side}]`)) input.checked = true;
    };
  }
  if ((await ask(byId('conflict-dialog'))) !== 'ok') return null;
  const chosen = (index) => list.querySelector(`input[name="row-${index}"]:checked`).value;
  return {
    rows: rows.map((row, index) => ({ ...row, choice: chosen(index) })),
    keepsReview: review !== null && chosen('review') === 'mine',
  };
}

function rowOf(app, row, index, who, photo) {
  const masks = [row.mine, row.theirs].map((object) => object && maskOf(object.rle));
  const view = commonView(masks.filter(Boolean));
  const side = (value, title, object, mask) => choice(`row-${index}`, value, row.choice === value, title,
    object ? element('span', { class: 'conflict-mask' }, pictureOf(mask, photo, view), element('span', {}, app.classOf(object.classId)?.name ?? ''))
      : element('span', { class: 'conflict-gone' }, 'not there'));
  return element('li', { class: 'conflict-row', data: { disputed: String(row.isDisputed) } },
    side('mine', 'Yours', row.mine, masks[0]), side('theirs', who, row.theirs, masks[1]));
}

function reviewRow(review, problem, who) {
  const words = ({ state, comment }) => `${STATES[state] ?? ''}${comment ? `: ${comment}` : ''}`;
  return element('li', { class: 'conflict-row', data: { disputed: 'true' } },
    choice('row-review', 'mine', false, 'Yours', element('span', { class: 'conflict-gone' }, words(review))),
    choice('row-review', 'theirs', true, who, element('span', { class: 'conflict-gone' }, words(problem))));
}

function choice(name, value, checked, title, content) {
  return element('label', { class: 'conflict-side' },
    element('span', { class: 'check' }, element('input', { type: 'radio', name, value, checked }), element('span', {}, title)), content);
}

function maskOf(rle) {
  const runs = MaskRuns.decode(rle);
  return { runs, box: [runs.left, runs.top, runs.right, runs.bottom] };
}

/** Without the photo, the masks are drawn on an empty picture. */
function pictureOf(mask, photo, view) {
  if (photo) return thumbnail(mask, photo, view, SIZE);
  const blank = new OffscreenCanvas(BLANK, BLANK);
  blank.getContext('2d').fillRect(0, 0, BLANK, BLANK);
  return thumbnail(mask, { width: mask.runs.width, height: mask.runs.height, levels: [blank] }, view, SIZE);
}
