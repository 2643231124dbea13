// The keyboard. The same table drives the keys and the help.

/** Each row: what the help shows, what it does, and which keys mean it. `stage` keys count while the photo has the focus. */
export function keyMap(app, { tools, navigation, panels }) {
  const { store } = app;
  return [
    { group: 'Pointing' },
    key('Q', 'Include: a click adds a point that belongs to the object', 'q', () => app.setTool('include')),
    key('E', 'Exclude: a click adds a point that does not', 'e', () => app.setTool('exclude')),
    key('R', 'Box: drag, or Space at two corners', 'r', () => app.setTool('box')),
    key('V', 'Pick masks and objects', 'v', () => app.setTool('pick')),
    key('P', 'Hover preview on or off', 'p', () => store.update({ hoverPreview: !app.state.hoverPreview })),
    key('[ and ]', 'Smaller or larger candidate', '[', () => app.cycle(-1)),
    also(']', () => app.cycle(1)),
    key('Enter or F', 'Accept the object', 'f', () => app.accept()),
    also('Enter', () => app.accept()),
    key('B', 'Clear the prompts', 'b', () => app.clear()),
    key('Esc', 'Cancel: the drag, the object in work, the search for everything', 'Escape', () => cancel(app, tools)),

    { group: 'Objects' },
    key('W', 'Find everything, or stop', 'w', () => panels.everything.toggle()),
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
    key('Arrows', 'Move the cursor over the photo; with Shift by one pixel', null, null),
    ...['', 'Shift+'].flatMap((shift) => [[-1, 0, 'Left'], [1, 0, 'Right'], [0, -1, 'Up'], [0, 1, 'Down']].map(
      ([dx, dy, name]) => onStage(`${shift}Arrow${name}`, () => tools.moveCursor(dx, dy, shift !== '')))),
    key('Space', 'Click at the cursor; with Shift exclude, or join a picked mask to the selected object', null, null),
    key('Space and drag', 'Move the photo', null, null),
    key('+ and −', 'Zoom in or out', '+', () => navigation.zoomBy(1.25)),
    also('=', () => navigation.zoomBy(1.25)),
    also('-', () => navigation.zoomBy(0.8)),
    key('0', 'Fit', '0', () => navigation.fit()),
    key('Z', 'Actual size', 'z', () => navigation.actualSize()),
    key('Home, End, Page up, Page down', 'Move the photo left, right, up, down', null, null),
    ...[['Home', 1, 0], ['End', -1, 0], ['PageUp', 0, 1], ['PageDown', 0, -1]].map(
      ([name, dx, dy]) => onStage(name, () => navigation.panBy(dx * 80, dy * 80))),

    { group: 'Page' },
    key('O', 'Open a photo', 'o', () => panels.open()),
    key('Ctrl+S', 'Export', 'Ctrl+s', () => panels.export.show()),
    key('T', 'Light, dark, or as the system', 't', () => panels.theme.next()),
    key('?', 'This list', '?', () => panels.help.show()),
  ];
}

const key = (keys, does, on, run) => ({ keys, does, on, run });
const also = (on, run) => ({ on, run });
const onStage = (on, run) => ({ on, run, isStageOnly: true });

export function mountKeyboard(app, surface, tools, map) {
  const actions = new Map(map.filter(({ on }) => on).map((row) => [row.on, row]));
  let hasPanned = false;

  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]') || isTyping(event.target)) return;
    const onStage = event.target === surface || event.target === document.body;
    if (event.key === ' ' && onStage) {
      event.preventDefault();
      if (!event.repeat) hasPanned = false;
      app.store.update({ isPanning: true });
      return;
    }
    const row = actions.get(nameOf(event));
    if (!row?.run || (row.isStageOnly && !onStage) || isTakenByControl(event)) return;
    if (!event.ctrlKey && !event.metaKey && event.key.length === 1 && !app.state.singleKeys && event.key !== '?') return;
    event.preventDefault();
    row.run();
  });

  addEventListener('keyup', (event) => {
    if (event.key !== ' ' || !app.state.isPanning) return;
    app.store.update({ isPanning: false });
    if (!hasPanned) tools.pressCursor(false, event.shiftKey, event.timeStamp);
  });
  surface.addEventListener('pointerdown', () => (hasPanned = true));
  addEventListener('blur', () => app.store.update({ isPanning: false }));
}

function nameOf({ key: name, ctrlKey, metaKey, shiftKey, altKey }) {
  if (altKey) return '';
  const isCommand = ctrlKey || metaKey;
  const base = name.length === 1 ? name.toLowerCase() : name;
  const isShiftNamed = shiftKey && (isCommand || name.startsWith('Arrow'));
  return `${isCommand ? 'Ctrl+' : ''}${isShiftNamed ? 'Shift+' : ''}${base}`;
}

function isTyping(target) {
  return target.matches?.('input:not([type=range], [type=checkbox], [type=radio], [type=color]), textarea, select');
}

/** Enter and the arrows belong to a button, a link or a slider that has the focus. */
function isTakenByControl({ key: name, target }) {
  if (name === 'Enter') return target.matches?.('button, a, summary, input');
  return name.startsWith('Arrow') && target.matches?.('input, [role=radio], [role=tab]');
}

function cancel(app, tools) {
  if (tools.cancel()) return;
  const { draft } = app.state.document;
  if (draft.points.length || draft.box || draft.mask) app.clear();
  else if (app.state.everything.phase === 'running') app.session.stopEverything();
  else app.store.update({ selected: null, cursor: null });
}
