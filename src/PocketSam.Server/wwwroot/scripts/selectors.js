// Values derived from the state that several parts need.

import { hasPrompts } from './model/document.js';
import { passes } from './model/filters.js';

/** The draft's mask: the chosen candidate, or else the best. */
export function chosenMask({ document, prediction }) {
  if (!prediction || !hasPrompts(document.draft)) return null;
  return prediction.candidates[document.draft.choice ?? prediction.best] ?? prediction.candidates[prediction.best] ?? null;
}

/** The objects to draw: without hidden ones and without the one being edited by prompts or by its outline. */
export function shownObjects({ document, overlay, polygon }) {
  if (!overlay.isVisible) return [];
  return document.objects.filter((object) => object.visible && ![document.draft.editing, polygon?.editing].includes(object.id));
}

/** Whether an object is the selected one or selected together with it. */
export function isSelected({ selected, also = [] }, id) {
  return id === selected || also.includes(id);
}

let remembered = { inputs: [], masks: [] };

/**
 * The masks of a search that pass the filters and are not objects yet, largest first, so that small ones are drawn on
 * top.
 */
export function shownMasks({ photo, everything, filters, overlay, document }) {
  const inputs = [photo, everything.masks, filters, overlay.isVisible, document.objects];
  if (inputs.every((input, i) => Object.is(input, remembered.inputs[i]))) return remembered.masks;
  const taken = new Set(document.objects.flatMap((object) => object.parts));
  const masks = overlay.isVisible
    ? everything.masks.filter((mask) => !taken.has(mask) && passes(mask, filters, photo)).sort((a, b) => b.area - a.area)
    : [];
  remembered = { inputs, masks };
  return masks;
}
