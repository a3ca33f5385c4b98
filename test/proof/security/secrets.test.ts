import { createPrivateKey } from 'node:crypto';
import type { Observable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ChoragusError, type Pool } from '../../../src/index.js';
import { faults, type Script } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { Evidence } from './evidence.js';
import { ANSI, ESCAPES, keyLines, secrets, words } from './planted.js';

const stage = useStage();
const message = { content: secrets.content, context: { plan: secrets.context }, note: secrets.field };

/** Everything a CI can do to a request, by name; each sends its secret. */
const deeds: Record<string, Script> = {
  answers: (request) => request.reply(secrets.reply + ANSI),
  'answers without an id': (request) => request.reply(secrets.reply, { echo: false }),
  fails: (request) => request.error(secrets.peerError + ANSI),
  'fails without an id': (request) => request.error(secrets.peerError, { echo: false }),
  'fails as a message': (request) => request.reply({ type: 'error', message: secrets.peerError }),
  'answers with an unknown type': (request) => request.reply({ type: secrets.replyType, content: secrets.reply }),
  'answers with a wrong type': (request) => request.reply({ type: 'pong', content: secrets.reply }),
  'answers without a text': (request) => request.reply({ type: 'chat_response', data: secrets.reply }),
  'sends no JSON': (request) => request.replyText(`${secrets.malformed}${ANSI}\n`),
  'sends half a JSON': (request) => request.replyText(`{"type":"chat_response","content":"${secrets.reply}\n`),
  'sends no object': (request) => request.replyText(`["${secrets.malformed}"]\n`),
  'answers too much': (request) => request.reply(secrets.reply.repeat(200)),
  'answers a foreign id': (request) => request.reply({ type: 'chat_response', request_id: secrets.id, content: 'x' }),
  'answers twice': (request) => {
    request.reply(secrets.reply);
    request.reply(secrets.reply);
  },
  'resets in the middle of a line': (request) => {
    request.replyText(`{"content":"${secrets.reply}`);
    setImmediate(() => request.connection.close());
  },
  'streams to the end': (request) => {
    request.chunk(secrets.chunk + ANSI);
    request.end();
  },
  'fails a stream': (request) => {
    request.chunk(secrets.chunk);
    request.streamError(secrets.peerError);
  },
  'falls silent in a stream': (request) => request.chunk(secrets.chunk),
  'streams a chunk without a text': (request) => {
    request.chunk(secrets.chunk);
    request.reply({ type: 'stream_chunk', metadata: secrets.metadata });
  },
  'streams too much': (request) => {
    for (let i = 0; i < 200; i += 1) request.chunk(secrets.chunk);
  },
  'closes within a stream': (request) => {
    request.chunk(secrets.chunk);
    request.connection.close();
  },
};

const limits = { maxReplyBytes: 3_000, requestTimeoutMs: 50, lateReplyGraceMs: 1, reconnectDelayMs: 1 };

/** Makes a request, waits for its end, and collects its failure. */
async function attempt(evidence: Evidence, where: string, source: Observable<unknown>): Promise<string> {
  const request = watch(source);
  // Checks the caller's objects during the request, too.
  evidence.see(`${where}: the Observable`, source);
  evidence.see(`${where}: the subscription`, request.subscription);
  await request.ended;
  const { error } = request;
  if (error?.code === 'ci_error') evidence.seeCiError(where, error);
  else if (error !== undefined) evidence.see(where, error);
  return request.outcome;
}

/** Does everything that a user can do with a CI. */
async function useAll(pool: Pool, ci: string, evidence: Evidence, deed: string): Promise<void> {
  const requests: [string, () => Observable<unknown>][] = [
    ['ask', () => pool.ask(ci, message, { waitForReady: true })],
    ['stream', () => pool.stream(ci, message, { waitForReady: true })],
    ['request', () => pool.request(ci, { type: 'custom', ...message }, { waitForReady: true })],
  ];
  for (const [how, make] of requests) await attempt(evidence, `${deed}, ${how}`, make());
  for (const stream of [false, true]) {
    await watch(pool.broadcast(message, { stream }), (outcome) => {
      if (!('ok' in outcome) || outcome.ok) return;
      if (outcome.error.code === 'ci_error') evidence.seeCiError(`${deed}, broadcast`, outcome.error);
      else evidence.see(`${deed}, broadcast`, outcome.error);
    }).ended;
  }
}

describe('messages and secrets are shown only to the caller', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(Object.entries(deeds))('when a CI %s', async (deed, script) => {
    const printed: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    }
    const evidence = new Evidence();
    const { client, server, ca } = certificates;
    const passphrase = secrets.passphrase;
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    const tls = { ca, cert: client.cert, key: createPrivateKey(client.key).export(cipher) as string, passphrase };
    const ci = await stage.scripted(script, { listen: { tls: { ...server, ca, requestCert: true } } });
    const cis = { apollo: { url: ci.url, tls } };
    const pool = stage.pool({ cis, logger: evidence.logger, broadcastDeadlineMs: 50, ...limits });
    evidence.watch(pool);
    expect((await pool.warm()).up).toEqual(['apollo']);
    await useAll(pool, 'apollo', evidence, deed);
    evidence.see('snapshot()', pool.snapshot());
    evidence.see('warm()', await pool.warm());
    const late = watch(pool.ask('apollo', message, { deadlineMs: 10_000 }));
    evidence.see('close()', await pool.close({ drainTimeoutMs: 0 }));
    // It may have been answered before the close, on a slow machine.
    if (late.error?.code === 'ci_error') evidence.seeCiError('a request cut at the close', late.error);
    else evidence.see('a request cut at the close', late.error);
    evidence.see('snapshot()', pool.snapshot());

    await until(() => ci.received.length > 0);
    expect(evidence.lines.length).toBeGreaterThan(2);
    expect(evidence.find([...words, ...keyLines(tls.key)])).toEqual([]);
    expect(evidence.lines.filter((line) => ESCAPES.some((begin) => line.includes(begin)))).toEqual([]);
    expect(printed.join('')).toBe('');
  });

  test('the check finds secrets that are shown', () => {
    const evidence = new Evidence();
    evidence.see('an error', new ChoragusError('protocol_error', secrets.reply, { cause: new Error(secrets.chunk) }));
    expect(evidence.find([secrets.reply]).some((found) => found.startsWith('the log'))).toBe(true);
    expect(evidence.find([secrets.chunk]).some((found) => found.startsWith('an error: the cause'))).toBe(true);
  });

  test('when nothing comes up, is refused, or is cancelled', async () => {
    const evidence = new Evidence();
    const ci = await stage.scripted(faults.hangs());
    const cis = { apollo: { url: ci.url, maxWaiting: 2, maxConnections: 1 }, nobody: 'tcp://127.0.0.1:1' };
    const pool = stage.pool({ cis, logger: evidence.logger, maxRequestBytes: 1_000, ...limits });
    evidence.watch(pool);
    const aborted = new AbortController();
    const requests: [string, Observable<unknown>][] = [
      ['down', pool.ask('nobody', message, { deadlineMs: 10_000 })],
      ['unknown', pool.ask('hermes', message)],
      ['too long', pool.ask('apollo', secrets.content.repeat(100))],
      ['with a bad message', pool.ask('apollo', { content: 7, note: secrets.field } as never)],
      ['with a bad option', pool.ask('apollo', message, { deadlineMs: -1 })],
      ['with content instead of options', pool.ask('apollo', 'x', secrets.content as never)],
      ['with a bigint', pool.ask('apollo', { ...message, big: 1n })],
      ['with a toJSON', pool.ask('apollo', { ...message, toJSON: () => secrets.content })],
      ['in time', pool.ask('apollo', message)],
      ['waiting', pool.ask('apollo', message, { signal: aborted.signal })],
      ['one over the limit', pool.ask('apollo', message)],
    ];
    const ends = requests.map(([where, source]) => attempt(evidence, where, source));
    aborted.abort();
    expect((await Promise.all(ends)).map((end) => end.split(' ')[0])).toEqual([
      'unavailable',
      'unknown_ci',
      'request_too_large',
      ...Array(5).fill('invalid_config'),
      'deadline_exceeded',
      'cancelled',
      'overloaded',
    ]);
    expect(evidence.find(words)).toEqual([]);
  });
});
