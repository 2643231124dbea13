// Puts the labelling page together.

import { ask, byId } from '../scripts/dom.js';
import { Notices } from '../scripts/notices.js';
import { mountHelp } from '../scripts/panels/help.js';
import { requestKey } from '../scripts/panels/keydialog.js';
import { mountTheme } from '../scripts/panels/theme.js';
import { recall, remember } from '../scripts/storage.js';
import { Navigation } from '../scripts/stage/navigation.js';
import { App } from './app.js';
import { Client } from './client.js';
import { resolveConflict } from './conflict.js';
import { listen } from './events.js';
import { mountFiles } from './files.js';
import { keyMap, mountKeys } from './keys.js';
import { PictureList } from './list.js';
import { mountClasses, mountObjects, mountReview } from './panels.js';
import { Scene } from './scene.js';
import { Tools } from './tools.js';

const SAVED_WORDS = { saved: 'Saved', saving: 'Saving', unsaved: 'Not saved' };

const notices = new Notices(byId('notices'));
const client = new Client(requestKey);
const app = new App(client, notices, {
  announce: (text) => (byId('announcer').textContent = text),
  resolveConflict: (theirs, mine) => resolveConflict(app, theirs, mine),
});
const { store } = app;
const surface = byId('surface');
new Scene(surface, app);
const navigation = new Navigation(store);
const tools = new Tools(app, surface, navigation);
const list = new PictureList(app, openPicture);
const theme = mountTheme(app);
const help = mountHelp(app);
const files = mountFiles(app, list);
const go = {
  next: () => goNext({ state: store.state.filter.state }),
  nextToDo: () => goNext({ state: 'todo' }),
  async previous() {
    const index = store.state.picture ? currentIndex() : -1;
    const before = await list.at(index - 1);
    if (before) await openPicture(before.id, index - 1);
    else app.announce('That was the first one.');
  },
  async done() {
    if (!store.state.picture) return;
    app.setReview('done');
    await go.nextToDo();
  },
};
const map = keyMap(app, { go, navigation, tools, theme, help, files });
help.list(map);
mountKeys(app, map);
mountClasses(app);
mountObjects(app);
mountReview(app);
mountHeader();
mountStage();
mountTabs();
start();

async function start() {
  client.labeller = await askName();
  try {
    await app.start();
  } catch (error) {
    notices.error(`The project did not open: ${error.message}`, { id: 'start', action: { label: 'Try again', run: () => location.reload() } });
    return;
  }
  await list.refresh();
  listen(app, list);
  const last = recall('label.open', null);
  const first = last && list.total ? last : await list.at(0).then((record) => record && { id: record.id, index: 0 });
  if (first) await openPicture(first.id, first.index);
}

async function askName() {
  const known = recall('label.name', '');
  if (known) return known;
  await ask(byId('name-dialog'));
  const name = byId('labeller').value.trim() || 'someone';
  remember('label.name', name);
  return name;
}

async function openPicture(id, index) {
  tools.cancel();
  await app.open(id, index);
}

function currentIndex() {
  const { picture, index } = store.state;
  const found = list.indexOf(picture.id);
  return found >= 0 ? found : index;
}

async function goNext({ state }) {
  if (!store.state.picture) return;
  const next = await app.findNext(state ? { state } : {});
  if (next) await openPicture(next.id, await list.find(next.id, currentIndex()));
}

function mountHeader() {
  byId('previous').addEventListener('click', () => go.previous());
  byId('next').addEventListener('click', () => go.next());
  byId('undo').addEventListener('click', () => app.undo());
  byId('redo').addEventListener('click', () => app.redo());
  store.watch(['project'], ({ project }) => {
    if (!project) return;
    const { pictures, todo } = project.counts;
    byId('project-name').textContent = project.name;
    document.title = `${project.name} – PocketSam`;
    byId('progress').textContent = `${(pictures - todo).toLocaleString('en')} of ${pictures.toLocaleString('en')} done`;
  });
  store.watch(['picture'], ({ picture }) => {
    byId('picture-name').textContent = picture?.name ?? '';
    byId('picture-size').textContent = picture?.width ? `${picture.width} × ${picture.height}` : '';
  });
  store.watch(['picture', 'draft', 'polygon', 'saved'], ({ picture, draft, polygon, saved }) => {
    const hasWork = draft.points.length > 0 || draft.box || polygon.length > 0;
    byId('undo').disabled = !(hasWork || picture?.canUndo || saved === 'saving');
    byId('redo').disabled = !picture?.canRedo;
  });
  store.watch(['saved'], ({ saved }) => {
    byId('saved').dataset.saved = saved;
    byId('saved-text').textContent = SAVED_WORDS[saved];
  });
  store.watch(['theme'], ({ theme: chosen }) => remember('theme', chosen));
  store.watch(['singleKeys'], ({ singleKeys }) => remember('singleKeys', singleKeys));
  let counting;
  app.onSaved = () => {
    clearTimeout(counting);
    counting = setTimeout(() => app.refreshProject().catch(() => {}), 300);
  };
}

function mountStage() {
  const buttons = [...document.querySelectorAll('.tools [data-tool]')];
  for (const button of buttons) button.addEventListener('click', () => app.setTool(button.dataset.tool));
  for (const button of document.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => {
      if (button.dataset.zoom === 'fit') navigation.fit();
      else navigation.zoomBy(button.dataset.zoom === 'in' ? 1.25 : 0.8);
    });
  }
  const range = byId('brush-range');
  range.addEventListener('input', () => app.setBrush(Number(range.value)));
  store.watch(['tool', 'brush'], ({ tool, brush }) => {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.tool === tool));
    byId('brush-size').hidden = tool !== 'brush' && tool !== 'eraser';
    range.value = brush;
    byId('brush-value').textContent = brush;
  });
  byId('accept').addEventListener('click', () => app.accept());
  byId('discard').addEventListener('click', () => {
    app.clearDraft();
    store.update({ polygon: [] });
  });
  store.watch(['draft', 'polygon', 'activeClass', 'classes'], ({ draft, polygon, activeClass, classes }) => {
    const hasWork = draft.points.length > 0 || draft.box || polygon.length > 0;
    byId('work').hidden = !hasWork;
    const name = classes.find(({ id }) => id === activeClass)?.name ?? 'object';
    byId('work-text').textContent = polygon.length ? `${polygon.length === 1 ? '1 corner' : `${polygon.length} corners`}` : draft.isBusy ? 'Looking' : draft.mask ? name : 'No mask there';
    byId('accept').disabled = !(draft.mask && !draft.isBusy) && polygon.length < 3;
  });
}

function mountTabs() {
  const tabs = [...document.querySelectorAll('.tabbar [data-tab]')];
  const show = (name) => {
    document.body.dataset.tab = name;
    for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset.tab === name));
  };
  for (const tab of tabs) tab.addEventListener('click', () => show(tab.dataset.tab));
  byId('pictures-list').addEventListener('click', (event) => event.target.closest('.picture') && show('photo'));
  show('photo');
}
