// The draft: its name and colour, its prompts, and the candidates to choose from.

import { byId, element } from '../dom.js';
import * as documents from '../model/document.js';
import { mountPrompts } from './prompts.js';

export function mountDraft(app) {
  const { store } = app;
  const name = byId('draft-name');
  const color = byId('draft-color');
  const names = byId('names');

  name.addEventListener('input', () => app.session?.edit((document) => documents.nameDraft(document, name.value), { tag: 'draft-name' }));
  name.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') app.accept();
    if (event.key === 'Enter' || event.key === 'Escape') byId('surface').focus();
  });
  color.addEventListener('input', () => app.session?.edit((document) => documents.colorDraft(document, color.value), { tag: 'draft-color' }));

  mountPrompts(app);
  store.watch(['document', 'photo'], ({ document, photo }) => {
    if (globalThis.document.activeElement !== name) name.value = document.draft.name;
    name.disabled = color.disabled = !photo;
    color.value = documents.draftColor(document);
    names.replaceChildren(...documents.namesOf(document).map((value) => element('option', { value })));
  });

  return {
    focusName() {
      name.focus();
      name.select();
    },
  };
}
