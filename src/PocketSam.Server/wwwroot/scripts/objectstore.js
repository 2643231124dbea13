// Stores accepted objects in IndexedDB by picture, so that neither another photo, nor a reload, nor another tab loses
// them. Each session writes its own record, so that tabs with the same picture do not overwrite each other.

const NAME = 'pocketsam';
const RECORDS = 'objects';
const VERSION = 1;

export class ObjectStore {
  #database = null;
  #changed = 0;

  /** The { objects, records } of a picture from all sessions; empty if the browser stores nothing. */
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
   * Stores a session's objects of a picture, replacing its previous record and the `absorbed` records of other sessions
   * that have not changed since they were loaded. Throws if the browser cannot store them.
   */
  async save(picture, author, objects, absorbed = []) {
    // Stamps of one author differ even if the clock is coarse.
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
