// Accepted objects in the browser's own storage, by picture: neither another photo, nor a reload, nor another tab loses
// them. Every session writes a record of its own, so that tabs with the same picture do not write over each other.

const NAME = 'pocketsam';
const RECORDS = 'objects';
const VERSION = 1;

export class ObjectStore {
  #database = null;
  #changed = 0;

  /** { objects, records } of a picture, as all sessions have kept them; empty where the browser keeps nothing. */
  async load(picture) {
    let records;
    try {
      records = await this.#run('readonly', (store) => store.getAll(IDBKeyRange.bound([picture, ''], [picture, '\uffff'])));
    } catch {
      return { objects: [], records: [] };
    }
    records.sort((one, two) => one.changed - two.changed);
    const distinct = new Map(records.flatMap(({ objects }) => objects).map((object) => [JSON.stringify([object.name, object.mask.rle]), object]));
    return { objects: [...distinct.values()], records: records.map(({ author, changed }) => ({ author, changed })) };
  }

  /**
   * Keeps what a session has of a picture, in place of what it had and of the `absorbed` records: those of others that are
   * still as they were loaded. Throws where it cannot.
   */
  async save(picture, author, objects, absorbed = []) {
    // No two records of an author have the same stamp, however coarse the clock is.
    const changed = (this.#changed = Math.max(Date.now(), this.#changed + 1));
    await this.#run('readwrite', (store) => {
      for (const record of absorbed) removeUnchanged(store, [picture, record.author], record.changed);
      return objects.length ? store.put({ picture, author, objects, changed }) : store.delete([picture, author]);
    });
  }

  async #run(mode, work) {
    this.#database ??= open();
    const transaction = (await this.#database).transaction(RECORDS, mode);
    const request = work(transaction.objectStore(RECORDS));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}

function removeUnchanged(store, key, changed) {
  const request = store.get(key);
  request.onsuccess = () => request.result?.changed === changed && store.delete(key);
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS, { keyPath: ['picture', 'author'] });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
