import { describe, expect, test } from 'vitest';
import type { RawClient } from '../../support/raw-client.js';
import { rawIdOf } from '../../support/raw-json.js';
import type { RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { inTurns, type RawProxy, type RawProxyOptions, rawProxies } from './raw-proxy-rig.js';

const GOOD_CLIENTS = 10;
/** Requests of each good client. */
const REQUESTS = 200;
/** The share of the good requests that may be lost. */
const LOST_SHARE = 0.01;
/** Limit of the CI's line reader, in bytes; the proxy has the usual 65,536. */
const CI_LINE_BYTES = 4_096;
const CI_DEPTH = 200;
/** Work time of the CI for a good request, and before it hangs up, in ms. */
const SERVICE_MS = 2;
const POISON_MS = 20;

/** A CI that hangs up on bad lines, and serves the lines of a connection one after the other, or side by side with ids. */
function hangingUp(isEchoing: boolean): (request: RawRequest) => void {
  return isEchoing ? (request) => void serve(request, true) : inTurns((request) => serve(request, false));
}

async function serve(request: RawRequest, isEchoing: boolean): Promise<void> {
  const { connection, line } = request;
  if (!connection.socket.writable) return;
  if (line.length > CI_LINE_BYTES || depthOf(line) > CI_DEPTH) return connection.reset();
  const message = parsed(line);
  if (message === undefined || !['chat', 'ping'].includes(message.type as string)) return connection.close();
  await new Promise((resolve) => setTimeout(resolve, message.poison === undefined ? SERVICE_MS : POISON_MS));
  if (message.poison === 'close') return connection.close();
  if (message.poison === 'reset') return connection.reset();
  const id = isEchoing ? `,"request_id":${rawIdOf(line)}` : '';
  if (message.poison === 'half') {
    connection.send('{"type":"chat_resp');
    return connection.close();
  }
  request.reply(`{"type":"chat_response","content":"to ${message.content}"${id}}\n`);
}

function depthOf(line: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of line) {
    if ('[{'.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (']}'.includes(character)) depth -= 1;
  }
  return deepest;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Lines that make it hang up. */
const bad: Readonly<Record<string, string>> = {
  'JSON too deep for the CI': `{"type":"chat","content":"x","a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
  'a line too long for the CI': `{"type":"chat","content":"${'x'.repeat(2 * CI_LINE_BYTES)}"}`,
  'a line that is no JSON': '{"type":"chat","content":',
  'JSON that is no object': '[1,2]',
  'an unknown type': '{"type":"dance","content":"x"}',
  'a fatal request, with a FIN': '{"type":"chat","content":"x","poison":"close"}',
  'a fatal request, with an RST': '{"type":"chat","content":"x","poison":"reset"}',
  'a fatal request, in the middle of an answer': '{"type":"chat","content":"x","poison":"half"}',
};

/** The results of the good requests. */
interface Account {
  answered: number;
  lost: number;
  /** Answers that belonged to another client. */
  wrong: number;
}

/** One good client: asks one question after the other, and does not repeat a lost one; when cut off, it connects anew for the next. */
async function good(rig: RawProxy, name: string, requests: number, account: Account): Promise<void> {
  let client: RawClient | undefined;
  for (let index = 0; index < requests; index += 1) {
    client ??= await rig.client();
    const before = client.lines.length;
    client.send(`{"type":"chat","content":"${name}.${index}"}\n`);
    const line = (await soon(client.got(before + 1), `an answer to ${name}.${index}, or an end`))[before];
    if (line === undefined) {
      account.lost += 1;
      client.close();
      client = undefined;
    } else if (JSON.parse(line).content === `to ${name}.${index}`) account.answered += 1;
    else account.wrong += 1;
  }
  client?.close();
}

/** Sends this over its own connection, and returns everything received before the end. */
async function misbehave(rig: RawProxy, line: string): Promise<string> {
  const client = await rig.client();
  client.send(`${line}\n`);
  const text = await soon(client.ended, 'the end of the bad client');
  client.close();
  return text;
}

/** Runs a test with a proxy of its own, because the tests run side by side: they wait more than they compute. */
async function withProxy<T>(options: RawProxyOptions, run: (rig: RawProxy) => Promise<T>): Promise<T> {
  const { open, close } = rawProxies();
  try {
    return await run(await open(options));
  } finally {
    await close();
  }
}

/** Ten good clients, and one that sends all of these, spread over the same time. */
function play(
  isEchoing: boolean,
  lines: readonly string[],
  { requests = REQUESTS, pool = {} }: { readonly requests?: number; readonly pool?: RawProxyOptions['pool'] } = {},
): Promise<Account & { total: number }> {
  const options = {
    onRequest: hangingUp(isEchoing),
    echoes: isEchoing,
    pool: { ...(isEchoing ? {} : { pipelining: 16 }), ...pool },
  };
  return withProxy(options, (rig) => playOn(rig, lines, requests));
}

async function playOn(rig: RawProxy, lines: readonly string[], requests: number): Promise<Account & { total: number }> {
  const account = { answered: 0, lost: 0, wrong: 0 };
  const total = GOOD_CLIENTS * requests;
  const all = Array.from({ length: GOOD_CLIENTS }, (_, index) => good(rig, `${index}`, requests, account));
  const misbehaving = (async () => {
    for (const [index, line] of lines.entries()) {
      await until(() => account.answered + account.lost >= (total * (index + 1)) / (lines.length + 2));
      // Half an answer from the CI may pass or not; the proxy adds none.
      expect(['', '{"type":"chat_resp']).toContain(await misbehave(rig, line));
    }
  })();
  await Promise.all([...all, misbehaving]);
  return { ...account, total };
}

const all = Object.values(bad);

describe.concurrent.each([
  ['that answers in order, without ids', false],
  ['that echoes ids', true],
])('a CI %s, ten good clients, and one that sends', (_, isEchoing) => {
  test.each(Object.entries(bad))('%s: only its own connection is lost', async (_name, line) => {
    const { answered, lost, wrong, total } = await play(isEchoing, [line]);
    expect([wrong, answered + lost]).toEqual([0, total]);
    expect(lost).toBeLessThanOrEqual(total * LOST_SHARE);
  });

  test('all of them repeatedly, over a new connection each time', async () => {
    const lines = [...all, ...all, ...all];
    const { answered, lost, wrong, total } = await play(isEchoing, lines, { requests: 2 * REQUESTS });
    expect([wrong, answered + lost]).toEqual([0, total]);
    expect(lost).toBeLessThanOrEqual(total * LOST_SHARE);
  });

  test('all of them, with clients that share connections', async () => {
    const { answered, lost, wrong, total } = await play(isEchoing, [...all, ...all, ...all, ...all, ...all], {
      pool: { maxConnections: 4 },
    });
    expect([wrong, answered + lost]).toEqual([0, total]);
    expect(lost).toBeLessThanOrEqual(total * LOST_SHARE);
  });
});

test('a client that made the CI hang up is served normally on its next connection', async () => {
  const account = { answered: 0, lost: 0, wrong: 0 };
  await withProxy({ onRequest: hangingUp(true), echoes: true }, async (rig) => {
    await misbehave(rig, bad['an unknown type'] as string);
    await good(rig, 'again', 20, account);
  });
  expect(account).toEqual({ answered: 20, lost: 0, wrong: 0 });
});
