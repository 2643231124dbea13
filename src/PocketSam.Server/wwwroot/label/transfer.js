// Imports annotations from files, by dialog or drag and drop, and exports them.

import { byId, element, save } from '../scripts/dom.js';
import { isAbort, sentence } from '../scripts/service/errors.js';

/** The formats that are offered if the project does not list them. */
const FORMATS = [
  { name: 'coco', title: 'COCO', imports: true, exports: true },
  { name: 'yolo', title: 'YOLO', imports: true, exports: true },
  { name: 'labelme', title: 'LabelMe', imports: true, exports: true },
  { name: 'cvat', title: 'CVAT', imports: true, exports: true },
  { name: 'labelstudio', title: 'Label Studio', imports: true, exports: true },
  { name: 'masks', title: 'Masks as PNG', imports: true, exports: false },
];

/** The most skipped files that are listed. */
const MOST_NAMED = 20;

export function mountTransfer(app) {
  const importDialog = byId('import-dialog');
  const exportDialog = byId('export-dialog');
  let stop = null;

  for (const dialog of [importDialog, exportDialog]) {
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    dialog.addEventListener('close', () => stop?.abort());
  }
  byId('import').addEventListener('click', () => show(importDialog));
  byId('export').addEventListener('click', () => show(exportDialog));
  byId('import-choose').addEventListener('click', () => byId('import-files').click());
  byId('import-files').addEventListener('change', (event) => {
    const files = [...event.target.files];
    event.target.value = '';
    if (files.length) importFiles(files);
  });
  byId('export-start').addEventListener('click', () => exportFile());
  mountDrop((files) => {
    show(importDialog);
    importFiles(files);
  });

  app.store.watch(['project'], ({ project }) => {
    const formats = project?.formats ?? FORMATS;
    const optionsOf = (list) => list.map(({ name, title }) => element('option', { value: name }, title));
    byId('import-format').replaceChildren(element('option', { value: 'auto' }, 'Found out by itself'), ...optionsOf(formats.filter(({ imports }) => imports)));
    byId('export-format').replaceChildren(...optionsOf(formats.filter(({ exports, name }) => exports && name !== 'project')),
      element('option', { value: 'project' }, 'The project itself (a backup)'));
  });
  byId('export-format').addEventListener('change', () => showSplit());
  showSplit();

  function showSplit() {
    byId('export-split-row').hidden = byId('export-format').value === 'project';
  }

  function show(dialog) {
    say(dialog === importDialog ? 'import' : 'export', '');
    byId('import-report').replaceChildren();
    if (!dialog.open) dialog.showModal();
  }

  function say(which, text, isError = false) {
    const status = byId(`${which}-status`);
    status.textContent = text;
    status.classList.toggle('is-error', isError);
  }

  async function importFiles(files) {
    stop = new AbortController();
    say('import', 'Sending …');
    byId('import-choose').disabled = true;
    try {
      const tell = (share) => say('import', share < 1 ? `Sending, ${Math.round(share * 100)} %` : 'Reading …');
      const answer = await app.label.import(files, byId('import-format').value, tell, stop.signal);
      const { pictures, objects, classesAdded = [], skipped = [] } = answer;
      say('import', `${objects.toLocaleString()} objects on ${pictures.toLocaleString()} pictures${classesAdded.length ? `, new classes: ${classesAdded.map((one) => one.name ?? one).join(', ')}` : ''}.`);
      byId('import-report').replaceChildren(
        ...skipped.slice(0, MOST_NAMED).map(({ name, why }) => element('li', {}, `${name}: ${why}`)),
        ...(skipped.length > MOST_NAMED ? [element('li', {}, `and ${skipped.length - MOST_NAMED} more left out`)] : []));
      await app.refreshProject();
      app.told({ kind: 'pictures' });
      if (app.session) await app.reload();
    } catch (error) {
      if (!isAbort(error)) say('import', `${sentence(error.message)} Nothing was imported.`, true);
    } finally {
      byId('import-choose').disabled = false;
    }
  }

  async function exportFile() {
    stop = new AbortController();
    const format = byId('export-format').value;
    const button = byId('export-start');
    button.disabled = true;
    say('export', 'Making the file …');
    try {
      const query = { format };
      if (format !== 'project') {
        query.split = (byId('export-split').valueAsNumber || 0) / 100;
        query.seed = byId('export-seed').value || '1';
        if (byId('export-finished').checked) query.state = 'done,checked';
        if (byId('export-pictures').checked) query.pictures = '1';
      }
      const { blob, name } = await app.label.export(query, stop.signal);
      const file = name || `${app.state.project.name}.${format}.zip`;
      save(blob, file);
      say('export', `${file} saved, ${(blob.size / 1e6).toFixed(1)} MB.`);
    } catch (error) {
      if (!isAbort(error)) say('export', error.message, true);
    } finally {
      button.disabled = false;
    }
  }

  return { showExport: () => show(exportDialog), showImport: () => show(importDialog) };
}

function mountDrop(take) {
  let depth = 0;
  const show = (isOver) => document.body.classList.toggle('is-dropping', isOver);
  addEventListener('dragenter', (event) => {
    event.preventDefault();
    depth++;
    show(true);
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (!depth) show(false);
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    show(false);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}
