// The user's work on a photo: the draft (the object being made, with its prompts) and the accepted objects. Documents
// are immutable; each function returns a new one that shares the unchanged parts, so a history of them costs little.

import { maskOf, recordOfMask } from './mask.js';
import { colorFor } from './palette.js';

const EMPTY_DRAFT = Object.freeze({
  points: Object.freeze([]),
  box: null,
  mask: null,
  choice: null,
  editing: null,
  name: '',
  color: null,
});

export const EMPTY_DOCUMENT = Object.freeze({ draft: EMPTY_DRAFT, objects: Object.freeze([]) });

let lastId = 0;
const newId = () => ++lastId;

export function hasPrompts(draft) {
  return draft.points.length > 0 || draft.box !== null || draft.mask !== null;
}

export function draftColor(document) {
  return document.draft.color ?? colorFor(document.draft.name, document.objects);
}

export function addPoint(document, x, y, label) {
  const point = { id: newId(), x, y, label };
  return withDraft(document, { points: [...document.draft.points, point], choice: null });
}

export function movePoint(document, id, x, y) {
  const points = document.draft.points.map((point) => (point.id === id ? { ...point, x, y } : point));
  return withDraft(document, { points, choice: null });
}

export function removePoint(document, id) {
  const rest = { ...document.draft, points: document.draft.points.filter((point) => point.id !== id), choice: null };
  return hasPrompts(rest) ? { ...document, draft: rest } : clearDraft(document);
}

export function setBox(document, box) {
  return withDraft(document, { box, choice: null });
}

export function removeBox(document) {
  const rest = { ...document.draft, box: null, choice: null };
  return hasPrompts(rest) ? { ...document, draft: rest } : clearDraft(document);
}

export function choose(document, choice) {
  return document.draft.choice === choice ? document : withDraft(document, { choice });
}

export function nameDraft(document, name) {
  return withDraft(document, { name });
}

export function colorDraft(document, color) {
  return withDraft(document, { color });
}

/** Clears the draft but keeps its name, since the next object is often of the same kind. */
export function clearDraft(document) {
  const { draft } = document;
  if (!hasPrompts(draft) && draft.editing === null) return document;
  return { ...document, draft: { ...EMPTY_DRAFT, name: draft.editing === null ? draft.name : '' } };
}

/** Turns the draft into an accepted object, or returns an edited one to its place in the list. */
export function accept(document, mask) {
  const { draft } = document;
  const editing = document.objects.find((object) => object.id === draft.editing);
  const object = {
    id: editing?.id ?? newId(),
    name: draft.name.trim(),
    color: draftColor(document),
    visible: true,
    mask,
    parts: editing?.parts ?? [],
    prompts: { points: draft.points, box: draft.box, mask: draft.mask, choice: draft.choice },
  };
  const objects = editing
    ? document.objects.map((other) => (other === editing ? object : other))
    : [...document.objects, object];
  return clearDraft({ ...document, objects });
}

/** Adds a finished mask as an object and leaves the draft alone. A mask found by words is named after its phrase. */
export function take(document, mask) {
  const name = mask.name ?? document.draft.name;
  const object = {
    id: newId(),
    name: name.trim(),
    color: colorFor(name, document.objects),
    visible: true,
    mask,
    parts: [mask],
    prompts: { points: [], box: null, mask, choice: null },
  };
  return { ...document, objects: [...document.objects, object] };
}

/** Joins a finished mask to an object; `merged` is the union of both masks. */
export function join(document, id, mask, merged) {
  const object = document.objects.find((candidate) => candidate.id === id);
  const prompts = { points: [], box: null, mask: merged, choice: null };
  return changeObject(document, id, { mask: merged, parts: [...object.parts, mask], prompts });
}

/** Turns an accepted object into the draft again, with its prompts. */
export function edit(document, id) {
  const object = document.objects.find((candidate) => candidate.id === id);
  if (!object) return document;
  return { ...document, draft: { ...object.prompts, editing: id, name: object.name, color: object.color } };
}

export function changeObject(document, id, change) {
  const objects = document.objects.map((object) => (object.id === id ? { ...object, ...change } : object));
  return { ...document, objects };
}

export function removeObject(document, id) {
  const rest = { ...document, objects: document.objects.filter((object) => object.id !== id) };
  return document.draft.editing === id ? clearDraft(rest) : rest;
}

export function removeObjects(document, ids) {
  return ids.reduce(removeObject, document);
}

/** The part of an object that is stored in the browser. */
export function recordOf({ name, color, visible, mask, prompts }) {
  const points = prompts.points.map(({ x, y, label }) => ({ x, y, label }));
  const from = prompts.mask && recordOfMask(prompts.mask);
  return { name, color, visible, mask: recordOfMask(mask), prompts: { points, box: prompts.box, mask: from, choice: prompts.choice } };
}

/** A document of stored objects. */
export function restored(records) {
  const objects = records.map(({ name, color, visible, mask, prompts }) => {
    const points = prompts.points.map((point) => ({ id: newId(), ...point }));
    const from = prompts.mask && maskOf(prompts.mask);
    return { id: newId(), name, color, visible, mask: maskOf(mask), parts: [], prompts: { ...prompts, points, mask: from } };
  });
  return { ...EMPTY_DOCUMENT, objects };
}

/** The names in use, in the order of their first object. */
export function namesOf(document) {
  return [...new Set(document.objects.map((object) => object.name).filter(Boolean))];
}

/** The name of an object, or its number if it has none. */
export function titleOf(document, object) {
  return object.name || `Object ${document.objects.indexOf(object) + 1}`;
}

function withDraft(document, change) {
  return { ...document, draft: { ...document.draft, ...change } };
}
