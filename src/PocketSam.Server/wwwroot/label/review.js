// The bar below the picture: its state, a comment, next and previous picture, and the progress of the project.

import { byId } from '../scripts/dom.js';
import { STATES } from './app.js';

export function mountReview(app) {
  const { store } = app;
  const group = byId('review-states');
  const buttons = [...group.querySelectorAll('[data-state]')];
  const comment = byId('review-comment');

  for (const button of buttons) {
    button.addEventListener('click', () => {
      if (button.dataset.state === 'rejected' && !comment.value.trim()) comment.focus();
      app.setReview(button.dataset.state, comment.value.trim());
    });
  }
  group.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.focus();
    next.click();
  });
  comment.addEventListener('change', () => app.state.picture?.state && app.setReview(app.state.picture.state, comment.value.trim()));
  comment.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    byId('surface').focus();
  });
  byId('previous').addEventListener('click', () => app.list.open(-1));
  byId('next').addEventListener('click', () => app.list.open(1));
  byId('done-next').addEventListener('click', () => app.doneAndNext());

  store.watch(['picture'], ({ picture }, previous) => {
    byId('review').hidden = !picture?.state;
    for (const button of buttons) {
      const is = button.dataset.state === picture?.state;
      button.setAttribute('aria-checked', String(is));
      button.tabIndex = is ? 0 : -1;
    }
    if (document.activeElement !== comment || picture?.id !== previous.picture?.id) comment.value = picture?.comment ?? '';
  });
  store.watch(['counts', 'project'], ({ counts, project }) => {
    if (!counts) return;
    const finished = counts.done + counts.checked;
    const all = Math.max(1, counts.pictures - (counts.missing ?? 0));
    byId('project-name').textContent = project.name;
    byId('project-progress').max = all;
    byId('project-progress').value = finished;
    byId('project-counts').textContent = `${finished.toLocaleString()} of ${all.toLocaleString()} done`;
    byId('project-more').textContent = [
      `${counts.objects.toLocaleString()} objects`,
      timeOf(counts.seconds ?? 0),
      counts.rejected ? `${counts.rejected} ${STATES.rejected.toLowerCase()}` : null,
      counts.missing ? `${counts.missing} missing` : null,
    ].filter(Boolean).join(' · ');
  });
}

function timeOf(seconds) {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
