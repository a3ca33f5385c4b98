import { Observable } from 'rxjs';
import * as v from 'valibot';
import { check, checkFunction, optionsOf, withMethods } from '../../checks/index.js';
import type { Target, Transport } from '../../contract/index.js';
import { cannotConnect, wrongArgument, wrongUrl } from '../../errors/index.js';
import { checkTarget } from '../socket/check-target.js';
import { type DeliveryClock, DeliveryQueue } from './delivery-queue.js';
import { MemoryLink } from './memory-link.js';
import type { MemoryPeer } from './memory-peer.js';

/** Configures `memoryTransport`. */
export interface MemoryTransportOptions {
  /**
   * A `ManualClock`: everything in flight is then also delivered within `advance()`, before the timers that are due
   * there. Default: none; deliveries are microtasks only.
   */
  readonly clock?: DeliveryClock | undefined;
}

/** Describes a wire without sockets. */
export interface MemoryTransport extends Transport {
  /**
   * Answers the dials of `memory://name`; `onPeer` gets the CI's end of each link. Returns a function that stops
   * listening.
   */
  listen(name: string, onPeer: (peer: MemoryPeer) => void): () => void;
  /** Makes dials of `memory://name` neither succeed nor fail from now on. */
  hangs(name: string): void;
}

const schema = optionsOf({ clock: v.optional(withMethods<DeliveryClock>('a ManualClock', 'onIo')) });

/**
 * Makes a wire without sockets, for tests. Requests and replies pass through JSON text, line splitting and the same
 * limits as on TCP. Everything on it is delivered in one order, by microtask, so no test waits for real time.
 *
 * A dial of a name without a listener fails with `unavailable`, `not_sent`.
 *
 * @throws ChoragusError `invalid_config` for a bad option; its methods throw it for a bad argument.
 *
 * @example
 * ```ts
 * const wire = memoryTransport();
 * wire.listen('apollo', (peer) => {
 *   peer.onRequest(({ content }) => peer.send({ type: 'chat_response', content }));
 * });
 * const pool = createPool({ cis: { apollo: 'memory://apollo' }, transports: { memory: wire } });
 * ```
 */
export function memoryTransport(options: MemoryTransportOptions = {}): MemoryTransport {
  const { clock } = check(schema, options, { of: 'memoryTransport' });
  const queue = new DeliveryQueue();
  clock?.onIo(() => queue.deliver());
  const listeners = new Map<string, 'hangs' | ((peer: MemoryPeer) => void)>();

  return {
    listen(name, onPeer) {
      checkName('listen', name);
      checkFunction('listen', 'onPeer', onPeer);
      listeners.set(name, onPeer);
      return () => {
        if (listeners.get(name) === onPeer) listeners.delete(name);
      };
    },
    hangs: (name) => {
      checkName('hangs', name);
      listeners.set(name, 'hangs');
    },
    prepare(target) {
      checkTarget('memoryTransport', target);
      const name = nameOf(target);
      return (sink) =>
        new Observable((subscriber) => {
          queue.push(() => {
            const listener = listeners.get(name);
            if (subscriber.closed || listener === 'hangs') return;
            if (listener === undefined)
              subscriber.error(cannotConnect(`no listener on memory://${name}`, { ci: target.ci }));
            else new MemoryLink(name, target, queue, sink, subscriber).open(listener);
          });
        });
    },
  };
}

/** Refuses names that a URL cannot contain. */
function checkName(of: 'listen' | 'hangs', name: unknown): void {
  if (typeof name === 'string' && /^[\w.-]+$/.test(name)) return;
  throw wrongArgument(of, 'name', name, 'a name of letters, digits and _ . -');
}

function nameOf({ url, ci }: Target): string {
  const name = /^memory:\/\/([\w.-]+)\/?$/.exec(url)?.[1];
  if (name !== undefined) return name;
  throw wrongUrl(ci, 'memory://name');
}
