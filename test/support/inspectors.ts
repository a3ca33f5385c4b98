import http, { type IncomingMessage } from 'node:http';
import { afterEach } from 'vitest';
import { createPool, type Pool, serveCi } from '../../src/index.js';
import type { Recorded } from '../../src/inspector/feed/records.js';
import { type Inspector, type InspectorOptions, startInspector } from '../../src/inspector/index.js';

/** A complete HTTP response. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests a path of an inspector, with only the given headers. */
export function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, url), { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

export function tokenOf(url: string): string {
  return new URL(url).searchParams.get('token') ?? '';
}

/** The header that carries the token. */
export function bearer(url: string): Record<string, string> {
  return { authorization: `Bearer ${tokenOf(url)}` };
}

/** A client of the inspector's stream, with the records it received. */
export interface Watching {
  readonly records: Recorded[];
  readonly response: IncomingMessage;
  /** Settles once the stream is closed, by either side. */
  readonly closed: Promise<void>;
  /** Number of characters received so far. */
  readonly characters: number;
  /** Waits for a record that matches. */
  told(fits: (record: Recorded) => boolean): Promise<Recorded>;
  leave(): void;
}

export function watch(url: string, headers = bearer(url), query = ''): Promise<Watching> {
  return new Promise((resolve, reject) => {
    const request = http.get(new URL(`/api/events${query}`, url), { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        return reject(new Error(`status ${response.statusCode}`));
      }
      const records: Recorded[] = [];
      const waiting = new Set<() => void>();
      let rest = '';
      let characters = 0;
      response.setEncoding('utf8');
      response.on('error', () => {});
      response.on('data', (piece: string) => {
        characters += piece.length;
        const events = (rest + piece).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) records.push(...(JSON.parse(event.slice('data: '.length)) as Recorded[]));
        for (const look of [...waiting]) look();
      });
      const told = (fits: (record: Recorded) => boolean): Promise<Recorded> =>
        new Promise((found) => {
          const look = (): void => {
            const record = records.find(fits);
            if (record === undefined) return;
            waiting.delete(look);
            found(record);
          };
          waiting.add(look);
          look();
        });
      resolve({
        records,
        response,
        closed: new Promise((gone) => response.once('close', gone)),
        get characters() {
          return characters;
        },
        told,
        leave: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}

/** Holds the pools, CIs and inspectors of a file's tests, and closes them after each test. */
export function useInspectors() {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const pool = async (names: readonly string[] = ['apollo']): Promise<Pool> => {
    const ci = await serveCi({ id: 'apollo', handler: ({ content }) => content });
    const cis = Object.fromEntries(names.map((name) => [name, ci.url]));
    const made = createPool({ cis, logger: false, reconnectDelayMs: 50 });
    closing.push(
      () => ci.close(),
      () => made.close({ drainTimeoutMs: 0 }),
    );
    return made;
  };
  const inspect = async (watched: Pool, options?: InspectorOptions): Promise<Inspector> => {
    const inspector = await startInspector(watched, options);
    closing.push(() => inspector.close());
    return inspector;
  };
  return { pool, inspect, onEnd: (close: () => Promise<unknown>) => void closing.push(close) };
}
