/** What the page keeps in this browser beside the model, in a database of its own. */
const [database, store] = ['ssim-ae-lab', 'find-defects'];

/** A detector with the pictures that were held back, and which rate of false alarms was chosen. */
type Key = 'detector' | 'rate';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB does not open.'));
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (objects: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opened = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = opened.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB keeps nothing.'));
    });
  } finally {
    opened.close();
  }
}

export const keep = (value: unknown, key: Key): Promise<unknown> =>
  within('readwrite', (objects) => objects.put(value, key));
export const kept = (key: Key): Promise<unknown> => within('readonly', (objects) => objects.get(key));
export const discard = (): Promise<unknown> => within('readwrite', (objects) => objects.clear());
