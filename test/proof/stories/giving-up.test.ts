import { filter, firstValueFrom, type Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ChoragusError, type Chunk, type Pool, type Reply, type RequestOptions } from '../../../src/index.js';
import type { ScriptedCi } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { getReady } from './known-ci.js';

const stage = useStage();
const GIVEN_UP = 'given up';

interface Scene {
  readonly pool: Pool;
  readonly apollo: ScriptedCi;
  /** Records what the request's user receives. */
  readonly heard: string[];
  ask(options?: RequestOptions): Subscription;
  stream(act?: (subscription: Subscription) => void): Subscription;
}

/** One moment in a request's life: gets there and unsubscribes. */
type Moment = (scene: Scene) => Promise<void> | void;

/** Takes the only slot of the only connection until it is answered. */
async function occupy({ pool, apollo }: Scene): Promise<void> {
  watch(pool.ask('apollo', 'in front'));
  await until(() => apollo.received.some(({ message }) => message.content === 'in front'));
}

const moments: Record<string, { readonly reaches: boolean; readonly hears: readonly string[]; readonly go: Moment }> = {
  'before the connect': { reaches: false, hears: [], go: (scene) => scene.ask().unsubscribe() },
  'while connecting': {
    reaches: false,
    hears: [],
    go: async (scene) => {
      const connecting = firstValueFrom(scene.pool.states$.pipe(filter(({ ci }) => ci === 'apollo')));
      const asking = scene.ask();
      expect((await connecting).to).toBe('connecting');
      expect(scene.pool.snapshot().cis.apollo?.state).toBe('connecting');
      asking.unsubscribe();
      expect(scene.pool.snapshot().cis.apollo?.waiting).toBe(0);
    },
  },
  'while it waits for a slot': {
    reaches: false,
    hears: [],
    go: async (scene) => {
      await occupy(scene);
      const asking = scene.ask();
      expect(scene.pool.snapshot().cis.apollo?.waiting).toBe(1);
      asking.unsubscribe();
    },
  },
  'in the tick in which it was placed': {
    reaches: false,
    hears: [],
    go: async (scene) => {
      await getReady(scene.pool);
      const asking = scene.ask();
      expect(scene.pool.snapshot().cis.apollo?.inFlight).toBe(1);
      asking.unsubscribe();
      expect(scene.pool.snapshot().cis.apollo?.inFlight).toBe(0);
    },
  },
  'after it was sent': {
    reaches: true,
    hears: [],
    go: async (scene) => {
      const asking = scene.ask();
      await until(() => scene.apollo.received.some(({ message }) => message.content === GIVEN_UP));
      asking.unsubscribe();
    },
  },
  'in the middle of a stream': {
    reaches: true,
    hears: ['one'],
    go: async (scene) => {
      const streaming = scene.stream();
      await until(() => scene.heard.length > 0);
      streaming.unsubscribe();
    },
  },
  'inside next, of a stream': {
    reaches: true,
    hears: ['one'],
    go: async (scene) => {
      scene.stream((streaming) => streaming.unsubscribe());
      await until(() => scene.heard.length > 0);
    },
  },
  'inside next, of a reply': {
    reaches: true,
    hears: ['reply'],
    go: async (scene) => {
      scene.apollo.onRequest((request) => request.reply('reply'));
      const asking: Subscription = scene.pool.ask('apollo', GIVEN_UP).subscribe(({ content }) => {
        scene.heard.push(content);
        asking.unsubscribe();
      });
      await until(() => scene.heard.length > 0);
    },
  },
  'inside complete': {
    reaches: true,
    hears: ['complete'],
    go: async (scene) => {
      scene.apollo.onRequest((request) => request.reply('reply'));
      const asking: Subscription = scene.pool.ask('apollo', GIVEN_UP).subscribe({
        complete: () => {
          scene.heard.push('complete');
          asking.unsubscribe();
        },
      });
      await until(() => scene.heard.length > 0);
    },
  },
  'inside error': {
    reaches: true,
    hears: ['error'],
    go: async (scene) => {
      scene.apollo.onRequest((request) => request.error('no'));
      const asking: Subscription = scene.pool.ask('apollo', GIVEN_UP).subscribe({
        error: () => {
          scene.heard.push('error');
          asking.unsubscribe();
        },
      });
      await until(() => scene.heard.length > 0);
    },
  },
  'after the end': {
    reaches: true,
    hears: ['reply'],
    go: async (scene) => {
      scene.apollo.onRequest((request) => request.reply('reply'));
      const asking = scene.ask();
      await until(() => scene.heard.length > 0);
      asking.unsubscribe();
    },
  },
};

/** Answers all requests except the cancelled one; in a stream, with one chunk. */
function answerOthers(ci: ScriptedCi, options: { readonly echo: boolean }): void {
  ci.onRequest((request) => {
    if (request.message.content !== GIVEN_UP) request.reply(`to ${request.message.content}`, options);
    else if (request.message.stream === true) request.chunk('one');
  });
}

describe.each(['byId', 'ordered'] as const)('unsubscribing does nothing else, on a CI that is %s', (correlation) => {
  test.each(Object.keys(moments))('%s', async (name) => {
    const moment = moments[name] as (typeof moments)[string];
    const [apollo, athena] = [await stage.scripted(), await stage.scripted((request) => request.reply('beside'))];
    answerOthers(apollo, { echo: correlation === 'byId' });
    const holdFirst = name === 'while it waits for a place';
    if (holdFirst) apollo.onRequest(() => {});
    const limits = { maxConnections: 1, maxInFlight: holdFirst ? 1 : 8 };
    const pool = stage.pool({ cis: { apollo: { url: apollo.url, ...limits }, athena: athena.url } });
    const heard: string[] = [];
    const listener = {
      next: ({ content }: Reply | Chunk) => heard.push(content),
      error: (error: unknown) => heard.push(error instanceof ChoragusError ? error.code : 'bug'),
    };
    const beside = watch(pool.ask('athena', 'beside'));

    await moment.go({
      pool,
      apollo,
      heard,
      ask: (options) => pool.ask('apollo', GIVEN_UP, options).subscribe(listener),
      stream: (act = () => {}) => {
        const streaming: Subscription = pool.stream('apollo', GIVEN_UP).subscribe({
          ...listener,
          next: (chunk) => {
            heard.push(chunk.content);
            act(streaming);
          },
        });
        return streaming;
      },
    });

    for (const request of apollo.received) {
      if (holdFirst) request.reply('at last', { echo: correlation === 'byId' });
    }
    answerOthers(apollo, { echo: correlation === 'byId' });
    const behind = watch(pool.ask('apollo', 'behind'));
    expect(await Promise.all([beside.ended, behind.ended])).toEqual(['reply', 'reply']);
    expect(behind.values[0]?.content).toBe('to behind');
    expect(heard).toEqual(moment.hears);
    const sent = apollo.received.filter(({ message }) => message.content === GIVEN_UP).length;
    expect(sent).toBe(moment.reaches ? 1 : 0);
    expect(pool.snapshot().totals).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});
