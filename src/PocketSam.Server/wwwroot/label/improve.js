// Improves the model on pictures that are done: shows figures before and after on held-out pictures, and a decision.

import { byId, element } from '../scripts/dom.js';
import { maskOf } from '../scripts/model/mask.js';
import { thumbnail } from '../scripts/stage/thumbnail.js';

/** Number of example pictures with the largest gain; the one with the smallest gain is shown too. */
const SHOWN = 3;
const SIZE = { width: 88, height: 66 };

export function mountImprove(app, jobs) {
  const dialog = byId('improve-dialog');
  const start = byId('improve-start');
  const status = byId('improve-status');
  const progress = byId('improve-progress');
  let isRunning = false;

  byId('improve').addEventListener('click', show);
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  start.addEventListener('click', () => (isRunning ? stop() : run()));
  byId('improve-accept').addEventListener('click', () => decide('accept', 'The improved model is in use.'));
  byId('improve-keep').addEventListener('click', () => {
    byId('improve-result').hidden = true;
    say('The model is as it was.');
  });
  byId('improve-back').addEventListener('click', () => decide('back', 'The model from before is in use.'));

  function show() {
    if (!dialog.open) dialog.showModal();
    showModel();
    const { counts } = app.state;
    if (!isRunning && byId('improve-result').hidden) say(counts ? `${counts.done + counts.checked} pictures are done or checked; it learns from these.` : '');
    const running = jobs.get('improve');
    if (!isRunning && running?.state === 'running') follow(jobs.follow(running.id, tell));
  }

  function showModel() {
    const model = app.state.project?.model;
    byId('improve-model').textContent = model?.name ?? '';
    byId('improve-back').hidden = !model?.improved;
  }

  const say = (text, isError = false) => {
    status.textContent = text;
    status.classList.toggle('is-error', isError);
  };

  function tell({ done, total, detail }) {
    say(detail || (total ? `${done} of ${total}` : 'Beginning …'));
    if (total) {
      progress.max = total;
      progress.value = done;
    } else {
      progress.removeAttribute('value');
    }
  }

  function run() {
    byId('improve-result').hidden = true;
    say('Beginning …');
    return follow(jobs.run('improve', {}, tell));
  }

  function stop() {
    const job = jobs.get('improve');
    if (job) jobs.cancel(job.id);
  }

  async function follow(work) {
    setRunning(true);
    try {
      const result = await work;
      if (result) showResult(result);
      else say('Stopped. The model is as it was.');
    } catch (error) {
      say(error.message, true);
    } finally {
      setRunning(false);
    }
  }

  function setRunning(is) {
    isRunning = is;
    progress.hidden = !is;
    start.textContent = is ? 'Stop' : 'Improve';
  }

  function showResult({ better, before, after, pictures = [] }) {
    say(better ? 'Better on pictures that it did not learn from.' : 'Not better on pictures that it did not learn from: better keep the model as it is.');
    const figures = Object.keys(after).filter((name) => Number.isFinite(after[name]));
    byId('improve-figures').replaceChildren(
      element('tr', {}, ...['IoU of masks by', 'before', 'after', ''].map((text) => element('th', { scope: 'col' }, text))),
      ...figures.map((name) => figureRow(name === 'box' ? 'box' : name === 'click' ? 'one click' : name, before[name], after[name])));
    const sorted = [...pictures].sort((a, b) => b.after - b.before - (a.after - a.before));
    byId('improve-pictures').replaceChildren(...sorted.map(({ name, before: was, after: is }) => figureRow(name, was, is)));
    byId('improve-details').hidden = pictures.length === 0;
    byId('improve-result').hidden = false;
    byId('improve-accept').hidden = !better;
    byId('improve-keep').classList.toggle('button-primary', !better);
    drawExamples(sorted);
  }

  /** Draws the masks of one click before and after, side by side. */
  async function drawExamples(sorted) {
    const examples = byId('improve-examples');
    examples.replaceChildren();
    for (const { id, name, objects = [] } of new Set([...sorted.slice(0, SHOWN), ...sorted.slice(-1)])) {
      const photo = id === null || objects.length === 0 ? null : await app.thumbnailOf(id);
      if (!photo) continue;
      const drawn = [objects[0].before, objects[0].after].map((rle) => thumbnail(maskOf({ rle }), photo, viewOf(photo), SIZE));
      examples.append(element('figure', {}, ...drawn, element('figcaption', {}, `${name}: before, after`)));
    }
  }

  /** Disables further decisions until the open picture is encoded by the model in use. */
  async function decide(way, said) {
    const buttons = [byId('improve-accept'), byId('improve-back')];
    for (const button of buttons) button.disabled = true;
    try {
      await app.label.decideImproved(way);
      say(said);
      byId('improve-result').hidden = true;
      await app.refreshProject();
      showModel();
      await app.session?.open(app.session.remote.renew());
    } catch (error) {
      say(error.message, true);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }
  return { show };
}

/** The view of the whole photo, with the aspect ratio of an example. */
function viewOf({ width, height }) {
  const scale = Math.max(width / SIZE.width, height / SIZE.height);
  return [0, 0, SIZE.width * scale, SIZE.height * scale];
}

function figureRow(name, before, after) {
  const change = after - before;
  const sign = change > 0.0005 ? 'up' : change < -0.0005 ? 'down' : 'same';
  return element('tr', {},
    element('th', { scope: 'row' }, name),
    element('td', {}, before.toFixed(3)),
    element('td', {}, after.toFixed(3)),
    element('td', { class: `change change-${sign}` }, `${change >= 0 ? '+' : '−'}${Math.abs(change).toFixed(3)}`));
}
