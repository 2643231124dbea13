// Applies changes to the objects of a picture, and compares the changes of two people.

/** The fields of an object that people set. */
const FIELDS = ['classId', 'rle', 'attributes'];

/** The objects after changes. New objects have their `ref` as id until the project assigns one. */
export function applyChanges(objects, changes, extra = {}) {
  let next = objects;
  for (const change of changes) {
    if (change.op === 'add') next = [...next, { ...extra, ...change.object, id: change.ref }];
    else if (change.op === 'remove') next = next.filter(({ id }) => id !== change.id);
    else if (change.op === 'update') next = next.map((object) => (object.id === change.id ? { ...object, ...change.object } : object));
  }
  return next;
}

/** State and comment after changes. */
export function applyState(review, changes) {
  return changes.reduce((now, change) => (change.op === 'state'
    ? { state: change.state, comment: change.comment ?? now.comment } : now), review);
}

/** The changes, with refs replaced by the ids that are known. */
export function withIds(changes, ids) {
  return changes.map((change) => (ids.has(change.id) ? { ...change, id: ids.get(change.id) } : change));
}

/** The objects that changes affect, as they are before the changes; a conflict is compared with them. */
export function before(objects, changes) {
  const touched = new Set(changes.filter(({ op }) => op === 'update' || op === 'remove').map(({ id }) => id));
  return objects.filter(({ id }) => touched.has(id));
}

/** The ids of added objects by ref, from the response, or found by their masks. */
export function idsOfAdded(changes, { added, objects }, knownIds) {
  const ids = new Map();
  const free = objects.filter(({ id }) => !knownIds.has(id));
  changes.filter(({ op }) => op === 'add').forEach((change, i) => {
    const at = free.findIndex(({ rle }) => rle.counts === change.object.rle.counts);
    const found = added?.[i] ?? free[at]?.id;
    if (at >= 0) free.splice(at, 1);
    if (found !== undefined) ids.set(change.ref, found);
  });
  return ids;
}

/**
 * One row for each object that unsaved changes affect: `{ id, mine, theirs, isDisputed, choice }`. `mine` or `theirs`
 * is null if it is removed. Rows that only one side has changed are decided; for the others the choice is theirs until
 * the user decides.
 */
export function conflictRows(entries, theirs) {
  const changes = entries.flatMap((entry) => entry.changes);
  const refs = new Set(changes.filter(({ op }) => op === 'add').map(({ ref }) => ref));
  const known = new Map();
  for (const object of entries.flatMap((entry) => entry.before)) {
    if (!refs.has(object.id) && !known.has(object.id)) known.set(object.id, object);
  }
  const mine = applyChanges([...known.values()], changes);

  // An added object may have been stored although the response was lost.
  const arrived = idsOfAdded(changes, { objects: theirs }, new Set(entries[0]?.knownIds));
  const rows = [];
  for (const key of [...known.keys(), ...refs]) {
    const id = arrived.get(key) ?? key;
    const find = (objects, wanted) => objects.find((object) => object.id === wanted) ?? null;
    const [was, own, other] = [known.get(key) ?? null, find(mine, key), find(theirs, id)];
    if (isSame(own, other)) continue;
    const isDisputed = was !== null && !isSame(was, other);
    rows.push({ id, mine: own, theirs: other, isDisputed, choice: isDisputed ? 'theirs' : 'mine' });
  }
  return rows;
}

/** The changes from the other person's version to the chosen one. */
export function resolved(rows) {
  return rows.filter(({ choice }) => choice === 'mine').flatMap(({ id, mine, theirs }) => {
    if (!mine) return theirs ? [{ op: 'remove', id }] : [];
    if (theirs) return [{ op: 'update', id, object: Object.fromEntries(FIELDS.map((field) => [field, mine[field]])) }];
    const { classId, rle, attributes, made, score } = mine;
    return [{ op: 'add', ref: newRef(), object: { classId, rle, attributes, made, score } }];
  });
}

export function isSame(a, b) {
  if (!a || !b) return a === b;
  return FIELDS.every((field) => JSON.stringify(a[field] ?? {}) === JSON.stringify(b[field] ?? {}));
}

export function newRef() {
  return `new-${newKey()}`;
}

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
}
