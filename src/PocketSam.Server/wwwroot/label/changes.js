// What a change makes of a picture before the server has answered, and what an answer makes of changes that wait.

let made = 0;

/** A number for an object that the server has not numbered yet: a string, which the server's numbers never are. */
export function temporaryId() {
  return `new-${Date.now().toString(36)}-${made++}`;
}

export function isTemporary(id) {
  return typeof id === 'string' && id.startsWith('new-');
}

/** The picture `{ objects, state, comment }` after the changes; an added object carries its temporary `id` in the change. */
export function applied(picture, changes) {
  let { objects, state, comment } = picture;
  for (const change of changes) {
    if (change.op === 'add') {
      objects = [...objects.filter(({ id }) => id !== change.id), { attributes: {}, score: null, ...change.object, id: change.id }];
    } else if (change.op === 'update') {
      objects = objects.map((object) => (object.id === change.id ? { ...object, ...change.object } : object));
    } else if (change.op === 'remove') {
      objects = objects.filter(({ id }) => id !== change.id);
    } else {
      state = change.state;
      comment = change.comment ?? '';
    }
  }
  return { ...picture, objects, state, comment };
}

/** The changes as the server takes them. */
export function forServer(changes) {
  return changes.map((change) => {
    if (change.op !== 'add') return change;
    const { id, ...rest } = change;
    return rest;
  });
}

/** Temporary ids and the server's for the objects that `changes` added to `before`, in order, as `after` has them. */
export function namesGiven(before, changes, after) {
  const known = new Set(before.map(({ id }) => id));
  const fresh = after.filter(({ id }) => !known.has(id));
  const adds = changes.filter(({ op }) => op === 'add');
  const names = new Map();
  for (const change of adds) {
    const same = fresh.findIndex(({ rle, classId }) => rle.counts === change.object.rle.counts && classId === change.object.classId);
    const [object] = fresh.splice(Math.max(same, 0), 1);
    if (object) names.set(change.id, object.id);
  }
  return names;
}

/** Changes that wait, with the server's ids where they named temporary ones. */
export function renamed(changes, names) {
  return changes.map((change) => (names.has(change.id) && change.op !== 'add' ? { ...change, id: names.get(change.id) } : change));
}

/**
 * Whether the server's objects are what the changes were to make of those with the ids `before`: they arrived, and their
 * answer got lost.
 */
export function hasArrived(before, changes, objects, state) {
  const fresh = objects.filter(({ id }) => !before.includes(id));
  const alike = (one, other) => one.rle.counts === other.rle.counts && one.classId === other.classId;
  return changes.every((change) => {
    if (change.op === 'add') return fresh.some((object) => alike(object, change.object));
    if (change.op === 'remove') return !objects.some(({ id }) => id === change.id);
    if (change.op === 'state') return state === undefined || state === change.state;
    const object = objects.find(({ id }) => id === change.id);
    return object && Object.entries(change.object).every(([name, value]) => (name === 'rle' ? object.rle.counts === value.counts : JSON.stringify(object[name]) === JSON.stringify(value)));
  });
}

/** Of changes that met a newer picture: theirs stays, and mine comes as objects of its own. */
export function asAdditions(changes, mine) {
  const byId = new Map(mine.map((object) => [object.id, object]));
  const ids = new Set(changes.filter(({ op, object }) => op === 'add' || (op === 'update' && object.rle)).map(({ id }) => id));
  return [...ids].filter((id) => byId.has(id)).map((id) => {
    const { classId, rle, attributes, made: how, score } = byId.get(id);
    return { op: 'add', id: temporaryId(), object: { classId, rle, attributes: attributes ?? {}, made: how ?? 'edit', score: score ?? null } };
  });
}
