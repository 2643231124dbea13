// Search by words: the masks found become masks of a search, each with its phrase and score.

import { byId, element } from '../dom.js';
import { sentence } from '../service/errors.js';
import { shownMasks } from '../selectors.js';
import { mountKnownWords, quoted } from './knownwords.js';

export function mountWords(app) {
  const { store } = app;
  const form = byId('words');
  const input = byId('words-text');
  const status = byId('words-status');
  const found = byId('words-found');

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    app.toggleWords(input.value);
  });
  mountKnownWords(store, input);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (isRunning(store.state)) app.toggleWords('');
    else byId('surface').focus();
  });

  store.watch(['info'], ({ info }) => {
    form.hidden = !info?.text;
  });
  store.watch(['everything', 'photo'], (state, previous) => {
    const { everything, photo } = state;
    const running = isRunning(state);
    byId('words-find').disabled = !photo || (everything.phase === 'running' && !running);
    byId('words-find-label').textContent = running ? 'Stop' : 'Find';
    const isWrong = everything.words !== null && Boolean(everything.problem?.isOfWords);
    input.setAttribute('aria-invalid', String(isWrong));
    status.classList.toggle('is-error', isWrong);
    status.textContent = textOf(everything);
    if (everything.phase !== previous.everything?.phase && everything.words && status.textContent) app.announce(status.textContent);
  });
  store.watch(['everything', 'filters', 'document', 'overlay', 'photo'], (state) => {
    const masks = state.everything.words ? shownMasks(state).toSorted((a, b) => b.score - a.score) : [];
    const at = [...found.children].findIndex((item) => item.contains(document.activeElement));
    found.replaceChildren(...masks.map((mask) => chip(app, mask)));

    // Keep the focus in the list, so that taking masks one by one by keyboard can go on.
    if (at >= 0) (found.children[Math.min(at, masks.length - 1)]?.firstChild ?? input).focus();
  });

  return {
    focus() {
      if (form.hidden) return;
      byId('panel').querySelector('[data-for=everything]').click();
      input.focus();
      input.select();
    },
  };
}

function isRunning({ everything }) {
  return everything.phase === 'running' && everything.words !== null;
}

function textOf({ phase, words, masks, notFound, problem }) {
  if (words === null || phase === 'running') return '';
  if (problem) return problem.isOfWords ? sentence(problem.message) : '';
  if (phase !== 'done') return 'Stopped.';
  const missing = quoted(notFound);
  if (!masks.length) return `Nothing found: the photo shows no ${missing}, as far as the model can tell.`;
  return `${masks.length} found${masks.length > 1 ? ', the surest first' : ''}.${missing ? ` Nothing for ${missing}.` : ''}`;
}

/** A mask in the list: a click takes it; hovering or focusing it highlights it on the photo. */
function chip(app, mask) {
  const light = (highlight) => () => app.store.update({ highlight });
  const dot = element('span', { class: 'dot' });
  dot.style.setProperty('--color', mask.color);
  const sure = `${Math.round(mask.score * 100)} %`;
  return element('li', {}, element('button', {
    class: 'chip', type: 'button', title: `Make an object of it: ${mask.name}, ${sure} sure`,
    on: {
      click: () => app.session.take(mask), pointerenter: light(mask), pointerleave: light(null), focus: light(mask), blur: light(null),
    },
  }, dot, element('span', {}, mask.name), element('span', { class: 'quiet' }, sure)));
}
