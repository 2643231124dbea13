// The keyboard shortcuts of the page.

import { also, key, stageKeys } from './keyboard.js';

/** The table of shortcuts, in groups. */
export function keyMap(app, { tools, navigation, panels }) {
  const { store } = app;
  return [
    { group: 'Pointing' },
    key('Q', 'Include: a click adds a point that belongs to the object', 'q', () => app.setTool('include')),
    key('E', 'Exclude: a click adds a point that does not', 'e', () => app.setTool('exclude')),
    key('R', 'Box: drag, or Space at two corners', 'r', () => app.setTool('box')),
    key('V', 'Pick masks and objects', 'v', () => app.setTool('pick')),
    key('P', 'Hover preview on or off', 'p', () => store.update({ hoverPreview: !app.state.hoverPreview })),
    key('C', 'Look closer, or no longer', 'c', () => app.setLookCloser(!app.state.lookCloser)),
    key('[ and ]', 'Smaller or larger candidate', '[', () => app.cycle(-1)),
    also(']', () => app.cycle(1)),
    key('Enter or F', 'Accept the object', 'f', () => app.accept()),
    also('Enter', () => app.accept()),
    key('B', 'Clear the prompts', 'b', () => app.clear()),
    key('Esc', 'Cancel: the drag, the object in work, the search for masks', 'Escape', () => cancel(app, tools)),

    { group: 'Objects' },
    key('W', 'Find everything, or stop', 'w', () => panels.everything.toggle()),
    key('/', 'Find by words', '/', () => panels.words.focus()),
    key('H', 'Hide or show all masks', 'h', () => app.setOverlay({ isVisible: !app.state.overlay.isVisible })),
    key('A and D', 'Previous or next object', 'a', () => app.select(-1)),
    also('d', () => app.select(1)),
    key('X', 'Edit the selected object again', 'x', () => app.session?.editObject(app.state.selected)),
    key('Del', 'Delete the selected object', 'Delete', () => app.deleteSelected()),
    also('Backspace', () => app.deleteSelected()),
    key('N', 'Name the object', 'n', () => panels.draft.focusName()),
    key('1 to 9', 'Give it a name in use', null, null),
    ...Array.from({ length: 9 }, (_, i) => also(String(i + 1), () => app.applyName(i))),
    key('Ctrl+Z', 'Undo', 'Ctrl+z', () => app.undo()),
    key('Ctrl+Y or Ctrl+Shift+Z', 'Redo', 'Ctrl+y', () => app.redo()),
    also('Ctrl+Shift+z', () => app.redo()),

    { group: 'Photo' },
    ...stageKeys({ tools, navigation }),
    key('Z', 'Actual size', 'z', () => navigation.actualSize()),

    { group: 'Page' },
    key('O', 'Open a photo', 'o', () => panels.open()),
    key('Ctrl+S', 'Export', 'Ctrl+s', () => panels.export.show()),
    key('T', 'Light, dark, or as the system', 't', () => panels.theme.next()),
    key('?', 'This list', '?', () => panels.help.show()),
  ];
}

function cancel(app, tools) {
  if (tools.cancel()) return;
  const { draft } = app.state.document;
  if (draft.points.length || draft.box || draft.mask) app.clear();
  else if (app.state.everything.phase === 'running') app.session.stopEverything();
  else app.store.update({ selected: null, cursor: null });
}
