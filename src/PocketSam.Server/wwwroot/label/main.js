// Creates and connects the parts of the labelling page.

import { byId } from '../scripts/dom.js';
import { mountKeyboard } from '../scripts/keyboard.js';
import { Notices } from '../scripts/notices.js';
import { mountConnection } from '../scripts/panels/connection.js';
import { mountHelp } from '../scripts/panels/help.js';
import { requestKey } from '../scripts/panels/keydialog.js';
import { mountPrompts } from '../scripts/panels/prompts.js';
import { mountTheme } from '../scripts/panels/theme.js';
import { mountTabs, mountToolbar } from '../scripts/panels/toolbar.js';
import { Http } from '../scripts/service/http.js';
import { pauseBefore, sleep } from '../scripts/service/backoff.js';
import { Navigation } from '../scripts/stage/navigation.js';
import { Scene } from '../scripts/stage/scene.js';
import { Tools } from '../scripts/stage/tools.js';
import { recall } from '../scripts/storage.js';
import { LabelApp } from './app.js';
import { mountClasses } from './classes.js';
import { askConflict } from './conflict.js';
import { mountImprove } from './improve.js';
import { Jobs } from './jobs.js';
import { keyMap } from './keys.js';
import { mountObjects } from './objects.js';
import { askName, mountPeople } from './people.js';
import { PictureList } from './pictures.js';
import { mountProposals } from './proposals.js';
import { mountReview } from './review.js';
import { mountSaving } from './saving.js';
import { mountSearch } from './search.js';
import { BrushTool, paintBrush } from './tools/brush.js';
import { paintPolygon, PolygonTool } from './tools/polygon.js';
import { mountTransfer } from './transfer.js';
import { mountWords } from './words.js';

/** Interval in milliseconds before an empty list of pictures is reloaded. */
const SOON = 1500;

const surface = byId('surface');
const panels = {};
const app = new LabelApp(new Http(requestKey), new Notices(byId('notices')), byId('status'), {
  name: askName,
  conflict: askConflict,
  newClass: () => panels.classes.ask(),
});
app.polygonTool = new PolygonTool(app);
app.navigation = new Navigation(app.store);
new Scene(surface, app.store, {
  keys: ['polygon', 'polygonGrip', 'polygonTo', 'brushAt', 'brushSize', 'isPanning'],
  paintMore: (context, state, frame, colors) => {
    paintPolygon(context, state, colors);
    paintBrush(context, state);
  },
});
const { navigation } = app;
const tools = new Tools(surface, app, navigation, {
  brush: new BrushTool(app, false),
  eraser: new BrushTool(app, true),
  polygon: app.polygonTool,
});
const jobs = new Jobs(app);
const search = mountSearch(app, jobs);
const list = new PictureList(app);
mountToolbar(app, navigation);
mountTabs();
mountConnection(app);
mountPrompts(app);
mountTheme(app);
mountObjects(app);
mountReview(app);
mountSaving(app);
mountDisplay();
Object.assign(panels, {
  classes: mountClasses(app),
  proposals: mountProposals(app, jobs, search),
  words: mountWords(app, jobs, search),
  improve: mountImprove(app, jobs),
  transfer: mountTransfer(app),
  help: mountHelp(app),
});
const people = mountPeople(app, jobs);
const map = keyMap(app, { tools, navigation, panels });
panels.help.list(map);
mountKeyboard(app, surface, tools, map);
start();

/** Opens the project and the last picture; retries while the service is unavailable. */
async function start() {
  for (let attempt = 0; ; attempt++) {
    try {
      await app.start();
      break;
    } catch (error) {
      if (error.status === 404) app.notices.error('This service has no labelling project: “pocketsam label FOLDER” starts one that has.', { id: 'start' });
      else app.tell(error, 'start');
      if (!error.isPassing) return;
      await sleep(pauseBefore(attempt));
    }
  }
  app.notices.dismiss('start');
  people.listen();
  jobs.load().then(() => search.resume(), () => {});
  list.onReset = openFirst;
  await list.reset();
  setTimeout(() => app.refreshProject(), SOON); // For changes before the page subscribed to events.
}

/** Opens the last picture, otherwise the first one; while the folder is being scanned, as soon as it has a picture. */
async function openFirst() {
  if (app.session || app.state.opening !== null) return;
  const last = recall('picture', null);
  const isThere = last !== null && (await app.label.picture(last).then(() => true, () => false));
  const first = await list.item(0);
  if (app.session || app.state.opening !== null) return;
  if (isThere) await app.openPicture(last);
  else if (first) await app.openPicture(first.id, 0);
  else setTimeout(() => app.refreshProject(), SOON);
}

function mountDisplay() {
  const opacity = byId('opacity');
  const outlines = byId('outlines');
  const size = byId('brush-size');
  opacity.addEventListener('input', () => app.setOverlay({ opacity: opacity.valueAsNumber / 100 }));
  outlines.addEventListener('change', () => app.setOverlay({ outlines: outlines.checked }));
  size.addEventListener('input', () => app.store.update({ brushSize: size.valueAsNumber }));
  byId('size-down').addEventListener('click', () => BrushTool.resize(app, -1));
  byId('size-up').addEventListener('click', () => BrushTool.resize(app, 1));
  app.store.watch(['overlay'], ({ overlay }) => {
    opacity.value = Math.round(overlay.opacity * 100);
    outlines.checked = overlay.outlines;
  });
  app.store.watch(['tool', 'brushSize'], ({ tool, brushSize }) => {
    byId('brush-options').hidden = !['brush', 'eraser'].includes(tool);
    byId('polygon-options').hidden = tool !== 'polygon';
    size.value = brushSize;
    byId('brush-size-value').textContent = `${brushSize} px`;
  });
  byId('polygon-accept').addEventListener('click', () => app.accept());
  byId('polygon-cancel').addEventListener('click', () => app.polygonTool.cancel());
  app.store.watch(['polygon'], ({ polygon }) => {
    byId('polygon-accept').disabled = byId('polygon-cancel').disabled = !polygon;
  });
  for (const id of ['show-pictures', 'hide-pictures']) {
    byId(id).addEventListener('click', () => {
      const is = document.body.classList.toggle('shows-pictures');
      byId('show-pictures').setAttribute('aria-expanded', String(is));
    });
  }
  app.store.watch(['opening'], ({ opening }) => {
    byId('surface').setAttribute('aria-busy', String(opening !== null));
    if (opening === null) return;
    document.body.classList.remove('shows-pictures');
    byId('show-pictures').setAttribute('aria-expanded', 'false');
  });
}
