// Keyboard shortcuts. One table drives both the keys and the help.

/** A shortcut with a row in the help: its keys in words, its description, the key, and what it runs. */
export const key = (keys, does, on, run) => ({ keys, does, on, run });

/** A further key without a row of its own. */
export const also = (on, run) => ({ on, run });

/** A key that works only while the photo has the focus. */
export const onStage = (on, run) => ({ on, run, isStageOnly: true });

/** The shortcuts that move the cursor and the photo. */
export function stageKeys({ tools, navigation }) {
  return [
    key('Arrows', 'Move the cursor over the photo; with Shift by one pixel', null, null),
    ...['', 'Shift+'].flatMap((shift) => [[-1, 0, 'Left'], [1, 0, 'Right'], [0, -1, 'Up'], [0, 1, 'Down']].map(
      ([dx, dy, name]) => onStage(`${shift}Arrow${name}`, () => tools.moveCursor(dx, dy, shift !== '')))),
    key('Space', 'Click at the cursor; with Shift exclude, or join a picked mask to the selected object', null, null),
    key('Space and drag', 'Move the photo', null, null),
    key('+ and −', 'Zoom in or out', '+', () => navigation.zoomBy(1.25)),
    also('=', () => navigation.zoomBy(1.25)),
    also('-', () => navigation.zoomBy(0.8)),
    key('0', 'Fit', '0', () => navigation.fit()),
    key('Home, End, Page up, Page down', 'Move the photo left, right, up, down', null, null),
    ...[['Home', 1, 0], ['End', -1, 0], ['PageUp', 0, 1], ['PageDown', 0, -1]].map(
      ([name, dx, dy]) => onStage(name, () => navigation.panBy(dx * 80, dy * 80))),
  ];
}

export function mountKeyboard(app, surface, tools, map) {
  const actions = new Map(map.filter(({ on }) => on).map((row) => [row.on, row]));
  let hasPanned = false;

  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]') || isTyping(event.target)) return;
    const isOnStage = event.target === surface || event.target === document.body;
    if (event.key === ' ' && isOnStage) {
      event.preventDefault();
      if (!event.repeat) hasPanned = false;
      app.store.update({ isPanning: true });
      return;
    }
    const row = actions.get(nameOf(event));
    if (!row?.run || (row.isStageOnly && !isOnStage) || isTakenByControl(event)) return;
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

/** Whether a focused button, link or slider uses the key itself: Enter or an arrow. */
function isTakenByControl({ key: name, target, ctrlKey, metaKey }) {
  const isCommand = ctrlKey || metaKey;
  if (name === 'Enter' && !isCommand) return target.matches?.('button, a, summary, input');
  return name.startsWith('Arrow') && target.matches?.('input, [role=radio], [role=tab]');
}
