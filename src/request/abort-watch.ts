/**
 * Shares one listener among all requests of a signal, and removes it with the last of them. One listener for each
 * request would leak on a signal that outlives its requests, and Node warns from eleven listeners on.
 */
export class AbortWatch {
  readonly #hubs = new WeakMap<AbortSignal, Hub>();

  add(signal: AbortSignal, onAbort: () => void): void {
    let hub = this.#hubs.get(signal);
    if (hub === undefined) {
      hub = new Hub();
      this.#hubs.set(signal, hub);
    }
    if (hub.listeners.size === 0) signal.addEventListener('abort', hub.tell);
    hub.listeners.add(onAbort);
  }

  remove(signal: AbortSignal, onAbort: () => void): void {
    const hub = this.#hubs.get(signal);
    if (hub?.listeners.delete(onAbort) && hub.listeners.size === 0) signal.removeEventListener('abort', hub.tell);
  }
}

class Hub {
  readonly listeners = new Set<() => void>();

  readonly tell = (): void => {
    for (const onAbort of [...this.listeners]) onAbort();
  };
}
