// Labels out of the project as files, and into it.

import { byId, element } from '../scripts/dom.js';

/** Exported whatever else the server knows. */
const ALWAYS = [['coco', 'COCO'], ['project', 'The project itself, as a backup']];

export function mountFiles(app, list) {
  const dialog = byId('files-dialog');
  const format = byId('export-format');
  const status = byId('files-status');
  byId('files').addEventListener('click', show);
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  byId('export').addEventListener('click', () => working(async () => {
    const split = Number(byId('export-split').value) || 0;
    save(await app.client.export({ format: format.value, split, seed: 1 }), `labels-${format.value}.zip`);
    return 'Exported.';
  }));
  byId('import').addEventListener('change', ({ target }) => working(async () => {
    const [file] = target.files;
    if (!file) return '';
    target.value = '';
    const { pictures, objects, classesAdded, skipped } = await app.client.import(file);
    await Promise.all([list.refresh(), app.refreshProject(), app.reload()]);
    const classes = classesAdded.length ? `, new classes ${classesAdded.join(', ')}` : '';
    const out = skipped.length ? ` Left out: ${skipped.slice(0, 3).map(({ name, why }) => `${name} (${why})`).join(', ')}${skipped.length > 3 ? ` and ${skipped.length - 3} more` : ''}.` : '';
    return `${objects} objects of ${pictures} pictures${classes}.${out}`;
  }));

  async function show() {
    if (dialog.open) return;
    dialog.showModal();
    status.textContent = '';
    if (format.options.length) return;
    let known = [];
    try {
      ({ formats: known = [] } = await app.client.info());
    } catch {
      // What is always offered stays.
    }
    const further = known.filter((name) => !ALWAYS.some(([one]) => one === name)).map((name) => [name, name]);
    const [coco, project] = ALWAYS;
    format.replaceChildren(...[coco, ...further, project].map(([value, text]) => element('option', { value }, text)));
  }

  async function working(work) {
    status.textContent = 'Working …';
    try {
      await app.outbox.settled();
      status.textContent = await work();
    } catch (error) {
      status.textContent = error.message;
    }
  }
  return { show };
}

function save(blob, name) {
  const link = element('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
