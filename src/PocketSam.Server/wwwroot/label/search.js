// The results of a search by similarity or words: proposals with their own source, shown instead of the others until
// the search is closed.

import { byId } from '../scripts/dom.js';
import { quoted } from '../scripts/panels/knownwords.js';
import { recall, remember } from '../scripts/storage.js';
import { newRef } from './merge.js';

/** The initial lowest score: a search by similarity always returns something. */
const LEAST = { similar: 0.7, words: 0 };

const SAID = { similar: 'alike', words: 'found' };

/** The last job that this browser has started, so that a reloaded page shows its result. */
const BEGUN = 'search';

export function mountSearch(app, jobs) {
  const { store } = app;
  byId('search-next').addEventListener('click', () => openNext());
  byId('search-class').addEventListener('click', () => addClass());
  byId('search-end').addEventListener('click', () => end());

  /**
   * Starts a search and returns a promise of its result, which is rejected if it fails. Null if it is stopped without a
   * result.
   */
  async function run(source, request) {
    const { id } = await jobs.begin(source, request);
    remember(BEGUN, id);
    const result = await follow(source, id);
    byId('search').scrollIntoView({ block: 'nearest' });
    return result;
  }

  /** Resumes a search that was started before the page was reloaded. */
  async function resume() {
    const begun = app.state.jobs.find(({ id, kind, state }) => id === recall(BEGUN, null) && kind in LEAST && state !== 'failed');
    if (!begun) return;
    try {
      await follow(begun.kind, begun.id);
    } catch (error) {
      app.tell(error, begun.kind);
    }
  }

  async function follow(source, job) {
    const result = await jobs.follow(job);
    if (!result?.count) return result;
    const phrases = new Map(result.found.map(({ proposalId, phrase }) => [proposalId, phrase]));
    store.update({ search: { source, job, phrases, found: result.found, notFound: result.notFound ?? [], least: LEAST[source] } });
    app.filterProposals();
    await app.loadProposals();
    if (byId('search-status').textContent) app.announce(byId('search-status').textContent);
    return result;
  }

  function end() {
    remember(BEGUN, null);
    store.update({ search: null });
    app.filterProposals();
    app.loadProposals();
  }

  /** Proposals on other pictures whose score is high enough, by picture, in the order of the search. */
  function elsewhere() {
    const { search, picture } = app.state;
    const byPicture = new Map();
    for (const found of search?.found ?? []) {
      if (found.score < search.least || found.pictureId === picture?.id) continue;
      byPicture.set(found.pictureId, [...(byPicture.get(found.pictureId) ?? []), found]);
    }
    return byPicture;
  }

  function openNext() {
    const others = [...elsewhere().keys()];
    const all = [...new Set(app.state.search.found.map(({ pictureId }) => pictureId))];
    const rest = all.slice(all.indexOf(app.state.picture?.id) + 1);
    const next = rest.find((id) => others.includes(id)) ?? others[0];
    if (next !== undefined) app.openPicture(next);
  }

  /** Accepts the open proposals on other pictures. */
  async function takeElsewhere() {
    const { source, job } = app.state.search;
    for (const [pictureId, found] of elsewhere()) {
      try {
        const [detail, { proposals }] = await Promise.all([app.label.picture(pictureId), app.label.proposals(pictureId, source)]);
        if (app.state.search?.job !== job) return;
        const waiting = proposals.filter(({ id }) => found.some(({ proposalId }) => proposalId === id));
        const changes = app.foundProposals(waiting).map(({ id, rle, score, classId }) => ({
          op: 'add', ref: newRef(), proposal: id,
          object: { classId: classId ?? app.classInUse.id, rle, attributes: {}, made: source, score },
        }));
        if (changes.length) {
          const entry = app.entryFor(pictureId, detail.name, source, changes);
          app.outbox.add({ ...entry, baseVersion: detail.version, knownIds: detail.objects.map(({ id }) => id) });
        }
        app.forgetFound(found.map(({ proposalId }) => proposalId));
      } catch (error) {
        app.tell(error, source);
        return;
      }
    }
  }

  /** The first phrase that is not the name of a class. */
  function phraseWithoutClass() {
    return app.state.search?.found.find((found) => found.phrase && app.classIdOf(found) === null)?.phrase ?? null;
  }

  async function addClass() {
    try {
      await app.label.addClass({ name: phraseWithoutClass() });
    } catch (error) {
      app.tell(error, 'words');
    }
    await app.refreshProject();
  }

  function sentence() {
    const { source, notFound, found } = app.state.search;
    if (!found.length) return 'All that was found is accepted or dismissed.';
    const others = elsewhere();
    const away = [...others.values()].flat().length;
    const here = app.shownProposals.length;
    const places = away ? `: ${here} here, ${away} on ${others.size === 1 ? 'another picture' : `${others.size} other pictures`}` : '';
    const missing = notFound.length ? ` Nothing for ${quoted(notFound)}.` : '';
    const phrase = phraseWithoutClass();
    const named = phrase && app.classInUse ? ` There is no class “${phrase}”: those you accept become “${app.classInUse.name}”.` : '';
    return `${here + away} ${SAID[source]}${places}.${missing}${named}`;
  }

  store.watch(['search', 'everything', 'filters', 'overlay', 'document', 'photo', 'classes', 'currentClass'], ({ search }) => {
    byId('search').hidden = search === null;
    const phrase = phraseWithoutClass();
    byId('search-class').hidden = phrase === null;
    byId('search-class').textContent = `Add class “${phrase}”`;
    byId('search-next').hidden = elsewhere().size === 0;
    byId('search-status').textContent = search ? sentence() : '';
    byId('proposal-score-label').textContent = search ? { similar: 'How alike', words: 'How sure' }[search.source] : 'At least';
  });
  store.watch(['classes'], ({ search }) => search && app.loadProposals());

  // The next search replaces the results, whoever starts it.
  store.watch(['jobs'], ({ search }) => {
    if (search && (jobs.get(search.source)?.id ?? search.job) !== search.job) end();
  });

  return { run, resume, elsewhere, takeElsewhere };
}
