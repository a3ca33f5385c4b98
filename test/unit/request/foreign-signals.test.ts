import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { RequestOptions } from '../../../src/index.js';
import { useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

const stage = useVirtualStage();

/** A signal, the function that aborts it, and the number of its listeners. */
interface Aborter {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
  readonly listeners: number;
}

/** Written as polyfills are: its own class, with what a user of signals needs. */
const polyfill = `
  class Signal {
    aborted = false;
    reason = undefined;
    heard = new Set();
    addEventListener(type, listener) { if (type === 'abort') this.heard.add(listener); }
    removeEventListener(type, listener) { if (type === 'abort') this.heard.delete(listener); }
  }
  const signal = new Signal();
  ({
    signal,
    abort: (reason) => {
      signal.aborted = true;
      signal.reason = reason;
      for (const listener of [...signal.heard]) listener({ type: 'abort' });
    },
    get listeners() { return signal.heard.size; },
  });
`;

/** An `EventTarget` with a flag; its class is no AbortSignal either. */
function ofEventTarget(): Aborter {
  let listeners = 0;
  class Signal extends EventTarget {
    aborted = false;
    reason: unknown;
    override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
      listeners += 1;
      super.addEventListener(...given);
    }
    override removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void {
      listeners -= 1;
      super.removeEventListener(...given);
    }
  }
  const signal = new Signal();
  return {
    signal: signal as unknown as AbortSignal,
    abort: (reason) => {
      signal.aborted = true;
      signal.reason = reason;
      signal.dispatchEvent(new Event('abort'));
    },
    get listeners() {
      return listeners;
    },
  };
}

describe.each<[string, () => Aborter]>([
  ['of another realm', () => runInNewContext(polyfill) as Aborter],
  ['of an EventTarget', ofEventTarget],
])('a signal %s', (_whose, make) => {
  test('cancels its request with its reason; then the request removes its listener', () => {
    stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' } });
    const aborter = make();
    expect(aborter.signal).not.toBeInstanceOf(AbortSignal);
    const asked = watch(pool.ask('apollo', 'hello', { signal: aborter.signal }));
    expect([asked.outcome, aborter.listeners]).toEqual(['pending', 1]);
    const reason = new Error('given up');
    aborter.abort(reason);
    expect(asked.outcome).toBe('cancelled not_sent connect');
    expect(asked.error?.cause).toBe(reason);
    expect(aborter.listeners).toBe(0);
  });

  test('sends nothing if it is aborted already', () => {
    const apollo = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' } });
    const aborter = make();
    aborter.abort();
    const asked = watch(pool.stream('apollo', 'hello', { signal: aborter.signal }));
    expect(asked.outcome).toBe('cancelled not_sent undefined');
    expect([apollo.peers.length, aborter.listeners]).toEqual([0, 0]);
  });

  test('cancels a whole broadcast', () => {
    const cis = { apollo: stage.ci('apollo').url, athena: stage.ci('athena').url };
    const aborter = make();
    const outcomes = watch(stage.pool({ cis }).broadcast('hello', { signal: aborter.signal }));
    aborter.abort();
    expect(outcomes.values.map((one) => !('ok' in one) || one.ok || one.error.code)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(aborter.listeners).toBe(0);
  });
});

describe('an object that only looks like a signal is refused by name', () => {
  const methods = { addEventListener: () => {}, removeEventListener: () => {} };

  test.each<[string, unknown]>([
    ['no flag', methods],
    ['a flag of the wrong kind', { aborted: 0, ...methods }],
    ['no listener methods', { aborted: false }],
    ['no removeEventListener', { aborted: false, addEventListener: () => {} }],
    ['only the prototype, whose flag cannot be read', Object.create(AbortSignal.prototype)],
    ['the controller instead of its signal', new AbortController()],
  ])('%s', (_name, signal) => {
    const apollo = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' } });
    const asked = watch(pool.ask('apollo', 'hello', { signal } as RequestOptions));
    expect(asked.outcome).toBe('invalid_config not_sent undefined');
    expect(asked.error?.message).toContain('signal is an object: use an AbortSignal');
    expect(apollo.peers).toHaveLength(0);
  });
});
