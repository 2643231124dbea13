// Proposals of the model, for all pictures or from a search: one key accepts, another dismisses.

import { byId } from '../scripts/dom.js';
import { shownMasks } from '../scripts/selectors.js';

const NOTCHES = 100;

/** The lowest similarity that is requested; the slider filters above it. */
const LEAST_ALIKE = 0.4;

export function mountProposals(app, jobs, search) {
  const { store } = app;
  const slider = byId('proposal-score');
  let classified = null;

  byId('proposal-accept').addEventListener('click', () => accept());
  byId('proposal-dismiss').addEventListener('click', () => app.dismissProposal(app.proposalInTurn));
  byId('proposal-accept-all').addEventListener('click', () => acceptAll());
  byId('proposal-sure').addEventListener('click', () => app.takeProposals(app.shownProposals.filter(({ isSure }) => isSure)));
  byId('propose').addEventListener('click', () => propose());
  byId('classify').addEventListener('click', () => classify());
  byId('alike').addEventListener('click', () => findAlike());
  slider.addEventListener('input', () => app.filterProposals(slider.valueAsNumber / NOTCHES));

  function accept() {
    const mask = app.proposalInTurn;
    if (mask) app.takeProposals([mask]);
  }

  async function propose() {
    try {
      if (await jobs.run('proposals')) await app.loadProposals();
      app.told({ kind: 'pictures' });
    } catch (error) {
      app.tell(error, 'proposals');
    }
  }

  async function classify() {
    try {
      sayClassified('Looking …');
      if (app.session && !(await app.outbox.settled(app.session.id))) throw new Error('Guessing classes needs the objects saved first.');
      if (!(await jobs.run('classify'))) sayClassified('Stopped. What was guessed stays.');
    } catch (error) {
      sayClassified('');
      app.tell(error, 'classify');
    }
  }

  const sayClassified = (text) => {
    byId('classify-status').textContent = text;
  };

  /** Guesses are made on request, and after a job of proposals; events update all pages. */
  async function showClassified({ id, result }) {
    classified = id;
    await app.loadProposals();
    sayClassified(sentenceOf(result));
  }

  function sentenceOf({ whyNot, objects, heldOutAccuracy, threshold, guessed, unsure }) {
    if (whyNot) return `Nothing is guessed: ${whyNot}.`;
    const right = `Right for ${Math.round(heldOutAccuracy * 100)} % of ${objects.toLocaleString()} objects of pictures held out.`;
    if (threshold === null) return `${right} That is too little to go by: all ${unsure.toLocaleString()} are unsure.`;
    return `${right} ${guessed.toLocaleString()} guessed, ${unsure.toLocaleString()} unsure.`;
  }

  function showGuess() {
    const mask = app.shownProposals.length ? app.proposalInTurn : null;
    const text = mask ? app.guessOf(mask) : '';
    const chip = byId('proposal-guess');
    chip.hidden = text === '';
    chip.dataset.guess = text === '' ? 'none' : mask.classId === null ? 'unsure' : 'class';
    chip.textContent = text && mask.guess !== null && (mask.classId !== null || mask.phrase) ? `${text} ${Math.round(mask.guess * 100)} %` : text;
    if (mask) chip.style.setProperty('--class', mask.color);
  }

  async function findAlike() {
    const objects = app.selectedObjects;
    const { session } = app;
    if (!objects.length) {
      app.notices.info('Select the objects first that others are to be like.', { id: 'alike' });
      return;
    }
    try {
      if (!(await app.outbox.settled(session.id))) throw new Error('More like this needs the selected objects saved first.');
      sayAlike('Looking …');
      const objectIds = app.selectedObjects.map(({ id }) => id);
      const result = await search.run('similar', { pictureId: session.id, objectIds, scope: byId('alike-scope').value, threshold: LEAST_ALIKE });
      sayAlike(result?.count === 0 ? 'Nothing alike was found.' : '');
    } catch (error) {
      sayAlike('');
      app.tell(error, 'alike');
    }
  }

  const sayAlike = (text) => {
    byId('alike-status').textContent = text;
  };

  function acceptAll() {
    if (!app.classInUse) {
      app.askForClass();
      return;
    }
    app.takeProposals([...app.shownProposals]);
    if (app.state.search) search.takeElsewhere();
  }

  store.watch(['everything', 'filters', 'overlay', 'document', 'photo', 'selected', 'search'], (state) => {
    const all = app.session?.proposals ?? [];
    const shown = shownMasks(state);
    const elsewhere = [...search.elsewhere().values()].flat().length;
    byId('proposals').dataset.count = all.length + elsewhere;
    byId('proposal-count').textContent = all.length ? (shown.length === all.length ? all.length : `${shown.length} of ${all.length}`) : '';
    byId('proposal-tab-count').textContent = all.length || '';
    for (const id of ['proposal-accept', 'proposal-dismiss']) byId(id).disabled = shown.length === 0;
    byId('proposal-accept-all').disabled = shown.length + elsewhere === 0;
    byId('proposal-accept-all').textContent = state.search ? `Accept all ${shown.length + elsewhere}` : 'Accept all';
    const sure = shown.filter(({ isSure }) => isSure).length;
    byId('proposal-sure').hidden = sure === 0;
    byId('proposal-sure').textContent = `Accept ${sure} sure`;
    byId('proposal-score-value').textContent = (slider.valueAsNumber / NOTCHES).toFixed(2);
    byId('alike').disabled = state.selected === null;
  });
  store.watch(['everything', 'filters', 'overlay', 'document', 'photo', 'highlight', 'classes'], () => showGuess());
  store.watch(['jobs'], () => {
    const last = jobs.get('classify');
    if (last?.state === 'done' && last.id !== classified) showClassified(last);
  });
  store.watch(['filters'], ({ filters }) => {
    slider.value = Math.max(0, filters.iou) * NOTCHES;
  });

  return { accept, findAlike };
}
