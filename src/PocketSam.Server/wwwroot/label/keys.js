// The keyboard shortcuts of the labelling page.

import { hasPrompts } from '../scripts/model/document.js';
import { also, key, stageKeys } from '../scripts/keyboard.js';
import { BrushTool } from './tools/brush.js';

export function keyMap(app, { tools, navigation, panels }) {
  const smaller = (direction) => {
    if (['brush', 'eraser'].includes(app.state.tool)) BrushTool.resize(app, direction);
    else app.cycle(direction);
  };
  return [
    { group: 'Tools' },
    key('Q', 'Include: a click adds a point that belongs to the object', 'q', () => app.setTool('include')),
    key('E', 'Exclude: a click adds a point that does not', 'e', () => app.setTool('exclude')),
    key('R', 'Box: drag, or Space at two corners', 'r', () => app.setTool('box')),
    key('V', 'Pick: objects, with Shift several, and proposals', 'v', () => app.setTool('pick')),
    key('B', 'Brush', 'b', () => app.setTool('brush')),
    key('X', 'Eraser', 'x', () => app.setTool('eraser')),
    key('G', 'Polygon', 'g', () => app.setTool('polygon')),
    key('[ and ]', 'Smaller or larger: the brush, or the candidate', '[', () => smaller(-1)),
    also(']', () => smaller(1)),
    key('Enter or F', 'Accept the object in work, close and accept a polygon', 'f', () => app.accept()),
    also('Enter', () => app.accept()),
    key('Esc', 'Cancel what is in work, then let the selection go', 'Escape', () => cancel(app, tools)),

    { group: 'Objects' },
    key('1 to 9', 'Class in use, and of the selected objects', null, null),
    ...Array.from({ length: 9 }, (_, i) => also(String(i + 1), () => app.useClassKey(String(i + 1)))),
    key('A and D', 'Previous or next object', 'a', () => app.select(-1)),
    also('d', () => app.select(1)),
    key('Z', 'Zoom to the selected objects', 'z', () => app.zoomToSelected()),
    key('W', 'Work on the selected object again with points and boxes', 'w', () => app.session?.editObject(app.state.selected)),
    key('L', 'Its outline as a polygon', 'l', () => app.editOutline()),
    key('I', 'Fill its holes', 'i', () => app.fillHoles()),
    key('O', 'Drop its islands', 'o', () => app.dropIslands()),
    key('U', 'Split it into its connected parts', 'u', () => app.split()),
    key('M', 'Merge the selected objects', 'm', () => app.merge()),
    key('C', 'Copy to the next picture: the selected objects, or all', 'c', () => app.copyToNext()),
    key('Del', 'Delete the selected objects, or a point of a polygon', 'Delete', () => app.deleteSelected()),
    also('Backspace', () => app.deleteSelected()),
    key('H', 'Hide or show all masks', 'h', () => app.setOverlay({ isVisible: !app.state.overlay.isVisible })),
    key('Ctrl+Z', 'Undo', 'Ctrl+z', () => app.undo()),
    key('Ctrl+Y or Ctrl+Shift+Z', 'Redo', 'Ctrl+y', () => app.redo()),
    also('Ctrl+Shift+z', () => app.redo()),

    { group: 'Proposals' },
    key('P', 'Accept the proposal that is lit', 'p', () => panels.proposals.accept()),
    key('Y', 'Dismiss it', 'y', () => app.dismissProposal(app.proposalInTurn)),
    key('J and K', 'Previous or next proposal', 'j', () => app.stepProposal(1)),
    also('k', () => app.stepProposal(-1)),
    key('T', 'More like the selected objects', 't', () => panels.proposals.findAlike()),
    key('Ctrl+/', 'Find by word', 'Ctrl+/', () => panels.words.focus()),
    also('Ctrl+Shift+/', () => panels.words.focus()),

    { group: 'Pictures' },
    key('Comma and Point', 'Previous or next picture of the list', ',', () => app.list.open(-1)),
    also('.', () => app.list.open(1)),
    key('N', 'Next one to do', 'n', () => app.nextPicture('todo')),
    key('S', 'Done, and on to the next one to do', 's', () => app.doneAndNext()),
    key('Ctrl+Enter', 'Checked', 'Ctrl+Enter', () => app.setReview('checked')),
    key('Ctrl+Backspace', 'Rejected, and why', 'Ctrl+Backspace', () => reject(app)),
    key('Ctrl+Del', 'To do again', 'Ctrl+Delete', () => app.setReview('todo')),
    key('/', 'Search', '/', () => app.list.focusSearch()),

    { group: 'View' },
    ...stageKeys({ tools, navigation }),

    { group: 'Page' },
    key('Ctrl+S', 'Export', 'Ctrl+s', () => panels.transfer.showExport()),
    key('Ctrl+O', 'Import', 'Ctrl+o', () => panels.transfer.showImport()),
    key('?', 'This list', '?', () => panels.help.show()),
  ];
}

function reject(app) {
  app.setReview('rejected');
  document.getElementById('review-comment').focus();
}

function cancel(app, tools) {
  if (tools.cancel()) return;
  if (hasPrompts(app.state.document.draft)) app.clear();
  else app.store.update({ selected: null, also: [], cursor: null, highlight: null });
}
