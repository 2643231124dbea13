// Searches for words on the open picture, or on all pictures as a background job.

import { byId } from '../scripts/dom.js';
import { mountKnownWords, quoted } from '../scripts/panels/knownwords.js';
import { sentence } from '../scripts/service/errors.js';

export function mountWords(app, jobs, search) {
  const { store } = app;
  const form = byId('words');
  const input = byId('words-text');
  const status = byId('words-status');

  mountKnownWords(store, input);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const running = runningJob();
    if (running) jobs.cancel(running.id);
    else find();
  });
  input.addEventListener('keydown', (event) => event.key === 'Escape' && byId('surface').focus());

  const runningJob = () => [jobs.get('words')].find((job) => job?.state === 'running');

  function say(text, isWrong = false) {
    status.textContent = text;
    status.classList.toggle('is-error', isWrong);
    input.setAttribute('aria-invalid', String(isWrong));
  }

  async function find() {
    const { session } = app;
    const text = input.value;
    say('Looking …');
    try {
      await app.outbox.settled(session.id); // Accepted objects are not found again.
      const result = await search.run('words', { text, scope: byId('words-scope').value, pictureId: session.id });
      say(textOf(result));
      if (status.textContent) app.announce(status.textContent);
    } catch (error) {
      say(error.isOfWords ? sentence(error.message) : '', Boolean(error.isOfWords));
      if (!error.isOfWords) app.tell(error, 'words');
    }
  }

  /** The text for results that are not shown as proposals: nothing found, stopped, or unreadable pictures. */
  function textOf(result) {
    const isStopped = jobs.get('words')?.state === 'cancelled';
    const unread = result?.unreadable ? ` ${result.unreadable.toLocaleString()} pictures could not be read.` : '';
    if (!result || isStopped) return `Stopped.${result?.count ? ' What was found until then is shown.' : ''}${unread}`;
    return `${result.count ? '' : `Nothing found: no ${quoted(result.notFound)} that is not an object already, as far as the model can tell.`}${unread}`.trim();
  }

  store.watch(['info'], ({ info }) => {
    form.hidden = !info?.text;
    byId('words-none').hidden = !info || Boolean(info.text);
  });
  store.watch(['jobs', 'photo'], ({ photo }) => {
    const running = runningJob();
    byId('words-find').disabled = !photo && !running;
    byId('words-find-label').textContent = running ? 'Stop' : 'Find';
    if (running) say(running.total > 1 ? `Looking … ${running.done.toLocaleString()} of ${running.total.toLocaleString()} pictures` : 'Looking …');
    else if (status.textContent.startsWith('Looking')) say('');
  });

  return {
    focus() {
      if (form.hidden) return;
      byId('panel').querySelector('[data-for=proposals]').click();
      input.focus();
      input.select();
    },
  };
}
