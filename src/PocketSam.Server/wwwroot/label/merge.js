// What changes make of the objects of a picture, and what two people's changes have to do with each other.

/** Fields that a person gives an object. */
const FIELDS = ['classId', 'rle', 'attributes'];

/** The objects after changes. Objects that are new have their `ref` for an id until the project gives them one. */
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

/** The changes with other ids in the place of refs that are known by now. */
export function withIds(changes, ids) {
  return changes.map((change) => (ids.has(change.id) ? { ...change, id: ids.get(change.id) } : change));
}

/** The objects that changes touch, as they are before them: what is compared when somebody else was faster. */
export function before(objects, changes) {
  const touched = new Set(changes.filter(({ op }) => op === 'update' || op === 'remove').map(({ id }) => id));
  return objects.filter(({ id }) => touched.has(id));
}

/** The ids that the project gave to what was added, by its refs: as told, else found by their masks. */
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
 * One row for each object that waiting changes touch, with what each side has of it: `{ id, mine, theirs, isDisputed,
 * choice }`; `mine` or `theirs` is null where it is gone. Rows that only one side has touched are decided; of the others the
 * other person's is chosen until somebody says otherwise.
 */
export function conflictRows(entries, theirs) {
  const changes = entries.flatMap((entry) => entry.changes);
  const refs = new Set(changes.filter(({ op }) => op === 'add').map(({ ref }) => ref));
  const known = new Map();
  for (const object of entries.flatMap((entry) => entry.before)) {
    if (!refs.has(object.id) && !known.has(object.id)) known.set(object.id, object);
  }
  const mine = applyChanges([...known.values()], changes);

  // What was added may have arrived already, where only the answer was lost.
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

/** The changes that make what was chosen out of what the other person left. */
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
