// The keyboard. One table drives the keys and the help.

export function keyMap(app, { go, navigation, tools, theme, help, files }) {
  return [
    { group: 'Tools' },
    row('P', 'Point: a click finds the object, with Shift it excludes', 'p', () => app.setTool('point')),
    row('B', 'Box: drag around the object', 'b', () => app.setTool('box')),
    row('R', 'Brush, on the selected object or a new one', 'r', () => app.setTool('brush')),
    row('E', 'Eraser', 'e', () => app.setTool('eraser')),
    row('[ and ]', 'Smaller or larger brush', '[', () => app.setBrush(app.state.brush / 1.25)),
    also(']', () => app.setBrush(app.state.brush * 1.25 + 1)),
    row('G', 'Polygon: click to add corners, drag to move them', 'g', () => app.setTool('polygon')),
    row('V', 'Select objects, with Shift several', 'v', () => app.setTool('pick')),
    row('Enter', 'Accept the mask, close the polygon', 'Enter', () => app.accept()),
    row('Esc', 'Discard what is in work, or select nothing', 'Escape', () => {
      if (tools.cancel()) return;
      const { draft, polygon } = app.state;
      if (draft.points.length || draft.box) app.clearDraft();
      else if (polygon.length) app.store.update({ polygon: [] });
      else app.select([]);
    }),

    { group: 'Objects' },
    row('1 to 9', 'Class: of what is in work, which is accepted, of the selected, of the next', null, null),
    ...Array.from({ length: 9 }, (_, i) => also(String(i + 1), () => {
      const item = app.classByKey(String(i + 1));
      if (item) app.chooseClass(item);
    })),
    row('Del', 'Delete the selected', 'Delete', () => app.remove(app.state.selected)),
    also('Backspace', () => (app.state.polygon.length ? app.undo() : app.remove(app.state.selected))),
    row('F', 'Fill holes', 'f', () => app.fillHoles()),
    row('I', 'Drop islands', 'i', () => app.dropIslands()),
    row('M', 'Merge the selected', 'm', () => app.merge()),
    row('C', 'Copy the selected to the next picture', 'c', () => app.copyOn()),
    row('S', 'Find more like the selected in this picture', 's', () => app.findSimilar()),
    row('A', 'Select all', 'a', () => app.select(app.state.picture?.objects.map(({ id }) => id) ?? [])),
    row('H', 'Hide or show the objects', 'h', () => app.store.update({ isHidden: !app.state.isHidden })),
    row('Z or Ctrl+Z', 'Undo', 'z', () => app.undo()),
    also('Ctrl+z', () => app.undo()),
    row('Ctrl+Shift+Z', 'Redo', 'Ctrl+Shift+z', () => app.redo()),
    also('Ctrl+y', () => app.redo()),

    { group: 'Pictures' },
    row('N or →', 'Next', 'n', () => go.next()),
    also('ArrowRight', () => go.next()),
    row('Shift+N or ←', 'Previous', 'Shift+n', () => go.previous()),
    also('ArrowLeft', () => go.previous()),
    row('U', 'Next to do', 'u', () => go.nextToDo()),
    row('D', 'Done, and on to the next to do', 'd', () => go.done()),

    { group: 'Page' },
    row('Space and drag', 'Move the picture; so does the middle button', null, null),
    row('+ and −', 'Zoom; so does the wheel', '+', () => navigation.zoomBy(1.25)),
    also('=', () => navigation.zoomBy(1.25)),
    also('-', () => navigation.zoomBy(0.8)),
    row('Ctrl+S', 'Export and import', 'Ctrl+s', () => files.show()),
    row('0', 'Fit', '0', () => navigation.fit()),
    row('T', 'Light, dark, or as the system', 't', () => theme.next()),
    row('?', 'This list', '?', () => help.show()),
  ];
}

const row = (keys, does, on, run) => ({ keys, does, on, run });
const also = (on, run) => ({ on, run });

export function mountKeys(app, map) {
  const actions = new Map(map.filter(({ on }) => on).map(({ on, run }) => [on, run]));
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]') || isTyping(event.target)) return;
    const isControl = event.target.matches?.('button, a, input, summary');
    if (event.key === ' ' && !isControl) {
      event.preventDefault();
      app.store.update({ isPanning: true });
      return;
    }
    const run = actions.get(nameOf(event));
    if (!run || (event.key === 'Enter' && isControl) || (event.key.startsWith('Arrow') && event.target.matches?.('input'))) return;
    if (!event.ctrlKey && !event.metaKey && event.key.length === 1 && !app.state.singleKeys && event.key !== '?') return;
    event.preventDefault();
    run();
  });
  addEventListener('keyup', (event) => event.key === ' ' && app.store.update({ isPanning: false }));
  addEventListener('blur', () => app.store.update({ isPanning: false }));
}

function nameOf({ key: name, ctrlKey, metaKey, shiftKey, altKey }) {
  if (altKey) return '';
  const isCommand = ctrlKey || metaKey;
  const base = name.length === 1 ? name.toLowerCase() : name;
  const isShifted = shiftKey && (isCommand || /^[a-z]$/.test(base));
  return `${isCommand ? 'Ctrl+' : ''}${isShifted ? 'Shift+' : ''}${base}`;
}

function isTyping(target) {
  return target.matches?.('input:not([type=range], [type=checkbox], [type=radio], [type=color]), textarea, select');
}
