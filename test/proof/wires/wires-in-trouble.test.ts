import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type ChoragusError, createPool, type Pool } from '../../../src/index.js';
import { type ModelChat, ModelServer } from '../../support/model-server.js';

const REQUESTS = 600;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Repeatable random numbers: mulberry32. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A CI that takes a while, and loses links; it counts what has reached it. */
interface TroubledCi {
  readonly url: string;
  /** How often each message came. */
  readonly seen: Map<string, number>;
  /** Cuts a random link, or all. */
  cut(): void;
}

async function onWebSocket(chance: () => number): Promise<TroubledCi> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const seen = new Map<string, number>();
  server.on('connection', (ws: WebSocket) => {
    ws.on('error', () => {});
    ws.on('message', (data: Buffer) => {
      const { content, request_id } = JSON.parse(String(data));
      seen.set(content, (seen.get(content) ?? 0) + 1);
      const answer = JSON.stringify({ type: 'chat_response', content: `re ${content}`, request_id });
      setTimeout(() => ws.send(answer, () => {}), chance() * 8);
    });
  });
  closing.push(() => {
    for (const ws of server.clients) ws.terminate();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    cut: () => {
      for (const ws of server.clients) if (chance() < 0.5) ws.terminate();
    },
  };
}

async function ofModels(chance: () => number): Promise<TroubledCi> {
  const models = await ModelServer.listen();
  const seen = new Map<string, number>();
  models.onChat = ({ body, response }: ModelChat) => {
    const [{ content = '' } = {}] = body.messages as { content?: string }[];
    seen.set(content, (seen.get(content) ?? 0) + 1);
    const say = (text: string, done: boolean) => `${JSON.stringify({ message: { content: text }, done })}\n`;
    response.write(say('re ', false));
    setTimeout(() => response.end(say(content, false) + say('', true)), chance() * 8);
  };
  closing.push(() => models[Symbol.asyncDispose]());
  return { url: `ollama://127.0.0.1:${models.port}/x`, seen, cut: () => models.cut() };
}

interface Ending {
  readonly content: string;
  readonly answer?: string;
  readonly error?: ChoragusError;
  readonly isGivenUp?: true;
}

/** Asks, and cancels some; settles with the end of each, and fails if one ends twice. */
function asked(pool: Pool, chance: () => number): Promise<Ending[]> {
  const one = (index: number): Promise<Ending> =>
    new Promise((resolve, reject) => {
      const content = `message ${index}`;
      let endings = 0;
      const end = (ending: Omit<Ending, 'content'>): void => {
        endings += 1;
        if (endings > 1) reject(new Error(`${content} ended twice`));
        else resolve({ content, ...ending });
      };
      setTimeout(() => {
        let answer: string | undefined;
        const subscription = pool.ask('ci', content, { deadlineMs: 5_000, waitForReady: true }).subscribe({
          next: (reply) => {
            answer = reply.content;
          },
          error: (error: ChoragusError) => end({ error }),
          complete: () => end({ answer: answer as string }),
        });
        if (chance() < 0.2) {
          setTimeout(() => {
            if (subscription.closed) return;
            subscription.unsubscribe();
            end({ isGivenUp: true });
          }, chance() * 6);
        }
      }, chance() * 400);
    });
  return Promise.all(Array.from({ length: REQUESTS }, (_, index) => one(index)));
}

describe.each([
  ['WebSocket', onWebSocket],
  ['HTTP', ofModels],
] as const)('%s in trouble', (_name, make) => {
  test.each([1, 2, 3])(
    'no request gets a wrong answer, hangs, or is sent twice: seed %d',
    async (seed) => {
      const chance = chanceOf(seed);
      const ci = await make(chance);
      const pool = createPool({
        cis: { ci: ci.url },
        logger: false,
        reconnectDelayMs: 5,
        maxReconnectDelayMs: 20,
        maxConnections: 16,
      });
      const cutting = setInterval(() => ci.cut(), 40);
      const endings = await asked(pool, chance);
      clearInterval(cutting);
      for (const { content, answer, error } of endings) {
        if (answer !== undefined) expect(answer).toBe(`re ${content}`);
        // A request that the CI has seen cannot be "not sent".
        if (error?.delivery === 'not_sent') expect(ci.seen.get(content), content).toBeUndefined();
      }
      expect([...ci.seen].filter(([, times]) => times > 1)).toEqual([]);
      // There was trouble, and not only trouble.
      expect(endings.filter(({ error }) => error?.code === 'connection_lost').length).toBeGreaterThan(0);
      expect(endings.filter(({ answer }) => answer !== undefined).length).toBeGreaterThan(0);
      const { inFlight, waiting } = pool.snapshot().totals;
      expect([inFlight, waiting]).toEqual([0, 0]);
      await pool.close({ drainTimeoutMs: 0 });
    },
    30_000,
  );
});
