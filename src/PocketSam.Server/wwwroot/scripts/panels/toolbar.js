// The tools over the photo, undo and redo, zoom, and the coordinates under the pointer.

import { byId } from '../dom.js';

export function mountToolbar(app, navigation) {
  const { store } = app;
  const tools = [...document.querySelectorAll('[data-tool]')];
  for (const button of tools) button.addEventListener('click', () => app.setTool(button.dataset.tool));
  const actions = {
    undo: () => app.undo(),
    redo: () => app.redo(),
    'zoom-in': () => navigation.zoomBy(1.4),
    'zoom-out': () => navigation.zoomBy(1 / 1.4),
    fit: () => navigation.fit(),
    actual: () => navigation.actualSize(),
  };
  for (const [name, run] of Object.entries(actions)) byId(name).addEventListener('click', run);

  store.watch(['tool'], ({ tool }) => {
    for (const button of tools) button.setAttribute('aria-pressed', String(button.dataset.tool === tool));
    byId('surface').dataset.with = tool;
  });
  store.watch(['canUndo', 'canRedo'], ({ canUndo, canRedo }) => {
    byId('undo').disabled = !canUndo;
    byId('redo').disabled = !canRedo;
  });
  store.watch(['photo'], ({ photo }) => {
    document.body.classList.toggle('has-photo', photo !== null);
    byId('photo-name').textContent = photo?.name ?? '';
    byId('photo-size').textContent = photo ? `${photo.width} × ${photo.height}` : '';
    document.title = photo ? `${photo.name} · PocketSam` : 'PocketSam';
  });
  store.watch(['view', 'stage'], ({ view, stage }) => {
    byId('zoom-value').textContent = view ? `${Math.round(view.scale * stage.ratio * 100)} %` : '';
  });
  store.watch(['pointer', 'cursor'], ({ pointer, cursor }) => {
    const at = cursor ?? pointer;
    byId('readout').textContent = at ? `${at.x}, ${at.y}` : '';
  });
}

/** Tabs: on a narrow page the panel shows one of its parts at a time. */
export function mountTabs() {
  const panel = byId('panel');
  const tabs = [...panel.querySelectorAll('[role=tab]')];
  const choose = (tab) => {
    panel.dataset.tab = tab.dataset.for;
    for (const other of tabs) {
      other.setAttribute('aria-selected', String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
  };
  for (const tab of tabs) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
  choose(tabs[0]);
}
