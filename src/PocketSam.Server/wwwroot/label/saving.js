// The indicator in the header: whether all changes are saved, and what happens if not.

import { byId } from '../scripts/dom.js';
import { sentence } from '../scripts/service/errors.js';

export function mountSaving(app) {
  const chip = byId('saving');
  const text = byId('saving-text');
  chip.addEventListener('click', () => {
    if (app.undecided) app.undecided();
    else app.outbox?.retryNow();
  });
  addEventListener('beforeunload', (event) => {
    if (app.outbox && !app.outbox.isSafe) event.preventDefault();
  });
  app.store.watch(['saving'], ({ saving }, previous) => {
    const { phase, count, message, isKept } = saving;
    chip.dataset.phase = isKept ? phase : 'away';
    const kept = `${count} ${count === 1 ? 'change' : 'changes'} ${isKept ? 'kept here' : 'in this tab only: do not close it'}`;
    const words = {
      saved: ['Saved', 'Saved'],
      saving: [`Saving${count > 1 ? ` ${count}` : ''} …`, 'Saving'],
      away: [`Not saved: the database is away, ${kept}`, `Not saved, ${count}`],
      conflict: [`Somebody else changed this too: decide (${kept})`, 'Decide'],
    }[phase];
    text.textContent = words[0];
    byId('saving-short').textContent = words[1];
    chip.title = { away: `${sentence(message)} Click to try now.`, conflict: 'Click to compare both sides.' }[phase] ?? '';
    if (phase !== previous.saving?.phase && phase !== 'saving') app.announce(words[0]);
  });
}
