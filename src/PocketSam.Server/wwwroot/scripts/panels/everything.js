// All masks of the photo: found on request, filtered in the page.

import { byId } from '../dom.js';
import { ALL, percent, scoreOfNotch, shareOfNotch } from '../model/filters.js';
import { shownMasks } from '../selectors.js';

const NOTCHES = 100;

export function mountEverything(app) {
  const { store } = app;
  const find = byId('find');
  const progress = byId('find-progress');
  const scoreOf = (notch) => scoreOfNotch(notch, NOTCHES);
  const scoreText = (score) => Math.max(0, score).toFixed(2);
  const sliders = {
    iou: slider('filter-iou', scoreOf, scoreText),
    stability: slider('filter-stability', scoreOf, scoreText),
    smallest: slider('filter-smallest', (value) => shareOfNotch(value, NOTCHES), percent),
    largest: slider('filter-largest', (value) => shareOfNotch(value, NOTCHES), percent),
  };

  function slider(id, valueOf, textOf) {
    const input = byId(id);
    const output = byId(`${id}-value`);
    const show = () => {
      output.textContent = textOf(valueOf(input.valueAsNumber));
      input.setAttribute('aria-valuetext', output.textContent);
    };
    input.addEventListener('input', () => {
      show();
      store.update({ filters: Object.fromEntries(Object.entries(sliders).map(([name, one]) => [name, one.value])) });
    });
    show();
    return {
      get value() {
        return valueOf(input.valueAsNumber);
      },
      reset() {
        input.value = input.getAttribute('value');
        show();
      },
    };
  }

  const toggle = () => app.toggleEverything(optionsOf());
  find.addEventListener('click', toggle);
  byId('take-all').addEventListener('click', () => app.takeShown());
  byId('forget-all').addEventListener('click', () => app.session?.clearEverything());
  mountDisplay(app);

  store.watch(['filters'], ({ filters }) => filters === ALL && Object.values(sliders).forEach((one) => one.reset()));
  store.watch(['everything', 'photo'], ({ everything, photo }) => {
    const isBusy = everything.phase === 'running';
    const isRunning = isBusy && everything.words === null;
    byId('everything').dataset.phase = everything.phase;
    byId('everything').dataset.found = everything.masks.length;
    find.disabled = !photo || (isBusy && !isRunning);
    find.classList.toggle('is-running', isRunning);
    byId('find-label').textContent = isRunning ? 'Stop' : everything.phase === 'none' || everything.words !== null ? 'Find everything' : 'Find again';
    progress.hidden = !isBusy;
    if (everything.total) {
      progress.max = everything.total;
      progress.value = everything.done;
    } else {
      progress.removeAttribute('value');
    }
  });
  store.watch(['everything', 'filters', 'document', 'overlay', 'photo'], (state, previous) => {
    const { phase, masks, words } = state.everything;
    const shown = shownMasks(state).length;
    byId('everything-count').textContent = masks.length === 0 && (phase === 'none' || words !== null) ? '' : `${shown} of ${masks.length} shown`;
    byId('take-all').disabled = shown === 0;
    if (phase !== previous.everything?.phase && words === null) {
      if (phase === 'done') app.announce(`${masks.length} masks found.`);
      if (phase === 'stopped') app.announce(`Stopped with ${masks.length} masks.`);
    }
  });
  return { toggle };
}

function optionsOf() {
  const options = {};
  if (byId('find-mode').value) options.mode = byId('find-mode').value;
  if (byId('find-grid').value) options.points_per_side = Number(byId('find-grid').value);
  return options;
}

/** The display options of all masks and objects. */
function mountDisplay(app) {
  const opacity = byId('opacity');
  const outlines = byId('outlines');
  const visible = byId('masks-visible');
  opacity.addEventListener('input', () => app.setOverlay({ opacity: opacity.valueAsNumber / NOTCHES }));
  outlines.addEventListener('change', () => app.setOverlay({ outlines: outlines.checked }));
  visible.addEventListener('change', () => app.setOverlay({ isVisible: visible.checked }));
  app.store.watch(['overlay'], ({ overlay }) => {
    opacity.value = Math.round(overlay.opacity * NOTCHES);
    byId('opacity-value').textContent = `${opacity.value} %`;
    outlines.checked = overlay.outlines;
    visible.checked = overlay.isVisible;
  });
}
