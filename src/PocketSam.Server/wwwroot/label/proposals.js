// Masks that the model proposes, and those that are like the selected objects: one key accepts, one dismisses.

import { byId } from '../scripts/dom.js';
import { scoreOfNotch } from '../scripts/model/filters.js';
import { shownMasks } from '../scripts/selectors.js';
import { newRef } from './merge.js';

const NOTCHES = 100;

/** What is less alike is not asked for: the slider moves above it. */
const LEAST_ALIKE = 0.4;

export function mountProposals(app, jobs) {
  const { store } = app;
  const slider = byId('proposal-score');
  let alike = null;
  let classified = null;

  byId('proposal-accept').addEventListener('click', () => accept());
  byId('proposal-dismiss').addEventListener('click', () => app.dismissProposal(app.proposalInTurn));
  byId('proposal-accept-all').addEventListener('click', () => acceptAll());
  byId('proposal-sure').addEventListener('click', () => app.takeProposals(app.shownProposals.filter(({ isSure }) => isSure)));
  byId('propose').addEventListener('click', () => propose());
  byId('classify').addEventListener('click', () => classify());
  byId('alike').addEventListener('click', () => findAlike());
  byId('alike-end').addEventListener('click', () => endAlike());
  slider.addEventListener('input', () => setThreshold());

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

  /** Guesses come when the project is asked for them, and by themselves after its proposals: on all pages alike. */
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
    chip.textContent = text && mask.guess !== null && mask.classId !== null ? `${text} ${Math.round(mask.guess * 100)} %` : text;
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
      byId('alike-status').textContent = 'Looking …';
      const objectIds = app.selectedObjects.map(({ id }) => id);
      const scope = byId('alike-scope').value;
      const result = await jobs.run('similar', { pictureId: session.id, objectIds, scope, threshold: LEAST_ALIKE });
      if (!result) return;
      alike = { found: result.found, classId: objects[0].classId };
      slider.value = 70;
      if (session === app.session) await app.loadProposals();
      setThreshold();
    } catch (error) {
      app.tell(error, 'alike');
    } finally {
      sayAlike();
    }
  }

  function endAlike() {
    alike = null;
    slider.value = 0;
    setThreshold();
    app.loadProposals();
  }

  function setThreshold() {
    app.setFilters({ iou: scoreOfNotch(slider.valueAsNumber, NOTCHES) });
    sayAlike();
  }

  /** Those on other pictures that are alike enough, by picture. */
  function alikeElsewhere() {
    const byPicture = new Map();
    const least = slider.valueAsNumber / NOTCHES;
    for (const found of alike?.found ?? []) {
      if (found.similarity < least || found.pictureId === app.session?.id) continue;
      byPicture.set(found.pictureId, [...(byPicture.get(found.pictureId) ?? []), found]);
    }
    return byPicture;
  }

  function sayAlike() {
    const elsewhere = [...alikeElsewhere().values()].flat().length;
    const here = app.shownProposals.filter(({ made }) => made === 'similar').length;
    byId('alike-end').hidden = alike === null;
    byId('alike-status').textContent = alike === null ? '' : `${here + elsewhere} alike${elsewhere ? `: ${here} here, ${elsewhere} on other pictures` : ''}`;
  }

  async function acceptAll() {
    const elsewhere = alikeElsewhere();
    app.takeProposals([...app.shownProposals]);
    for (const [pictureId, found] of elsewhere) {
      try {
        const detail = await app.label.picture(pictureId);
        const changes = found.map(({ rle, similarity, proposalId }) => ({
          op: 'add', ref: newRef(), proposal: proposalId,
          object: { classId: alike.classId, rle, attributes: {}, made: 'similar', score: similarity },
        }));
        const entry = app.entryFor(pictureId, detail.name, 'similar', changes);
        app.outbox.add({ ...entry, baseVersion: detail.version, knownIds: detail.objects.map(({ id }) => id) });
        alike.found = alike.found.filter((one) => one.pictureId !== pictureId);
      } catch (error) {
        app.tell(error, 'alike');
        return;
      }
    }
    sayAlike();
  }

  /** What is proposed for a picture, those among it that are like what was asked for. */
  app.proposalsOf = (pictureId, proposals) => {
    const found = (alike?.found ?? []).filter((one) => one.pictureId === pictureId);
    const ids = new Set(found.map(({ proposalId }) => proposalId));
    return [
      ...proposals.filter(({ id }) => !ids.has(id)),
      ...found.map(({ proposalId, rle, similarity }) => ({ id: proposalId, rle, score: similarity, classId: alike.classId, made: 'similar' })),
    ];
  };

  store.watch(['everything', 'filters', 'overlay', 'document', 'photo', 'selected'], (state) => {
    const all = app.session?.proposals ?? [];
    const shown = shownMasks(state);
    byId('proposals').dataset.count = all.length;
    byId('proposal-count').textContent = all.length ? (shown.length === all.length ? all.length : `${shown.length} of ${all.length}`) : '';
    byId('proposal-tab-count').textContent = all.length || '';
    for (const id of ['proposal-accept', 'proposal-dismiss', 'proposal-accept-all']) byId(id).disabled = shown.length === 0;
    const sure = shown.filter(({ isSure }) => isSure).length;
    byId('proposal-sure').hidden = sure === 0;
    byId('proposal-sure').textContent = `Accept ${sure} sure`;
    byId('proposal-score-value').textContent = (slider.valueAsNumber / NOTCHES).toFixed(2);
    byId('alike').disabled = state.selected === null;
    sayAlike();
  });
  store.watch(['everything', 'filters', 'overlay', 'document', 'photo', 'highlight', 'classes'], () => showGuess());
  store.watch(['jobs'], () => {
    const last = jobs.get('classify');
    if (last?.state === 'done' && last.id !== classified) showClassified(last);
  });
  store.watch(['filters'], ({ filters }) => {
    if (filters.iou === -Infinity) slider.value = 0;
  });

  return { accept, findAlike };
}
