import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type CiServer, type ListenOptions, serveCi } from '../../../src/server/index.js';
import { certificates } from '../../support/certificates.js';
import { oddLines, oddMessages, oddText } from '../../support/odd-lines.js';
import { RawClient } from '../../support/raw-client.js';
import { rawIdOf } from '../../support/raw-json.js';
import { raw } from '../../support/raw-lines.js';
import { soon } from '../../support/soon.js';

const A = '{"type":"chat","content":"a"}';
const B = '{"type":"chat","content":"b","request_id":"x"}';
const LAST = '{"type":"chat","content":"last"}\n';

const folder = mkdtempSync(join(tmpdir(), 'odd-'));
let ci: CiServer;
const serve = async (listen: ListenOptions): Promise<void> => {
  ci = await serveCi({ id: 'apollo', handler: ({ content }) => content, listen });
};
afterEach(() => ci.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the contents of answers, or their errors. */
function said(lines: readonly string[]): unknown[] {
  return lines.map((line) => JSON.parse(line)).map(({ content, error }) => content ?? error);
}

describe.each([
  ['tcp', {}],
  ['tls', { tls: certificates.server }],
  ['unix', { path: join(folder, 'ci.sock') }],
] as const)('a client over %s', (wire, listen) => {
  beforeEach(() => serve(listen));

  test.each(oddLines)('sends %s', async (_, text) => {
    const client = await RawClient.to(ci.url);
    client.send(raw(oddText(text, A, B)) + LAST);
    expect(said(await soon(client.got(3), 'three answers'))).toEqual(['a', 'b', 'last']);
    client.close();
  });

  test('sends a byte order mark byte by byte', async () => {
    const client = await RawClient.to(ci.url);
    for (const byte of raw(`\ufeff${A}\n`)) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(said(await soon(client.got(1), 'an answer'))).toEqual(['a']);
    client.close();
  });

  test('sends only white space, and ends', async () => {
    const client = await RawClient.to(ci.url);
    client.finish(raw('\ufeff\n \r\n\t'));
    expect(await soon(client.ended, 'the end')).toBe('');
    expect(client.end).toBe('fin');
  });

  test('sends a last line without an end', async () => {
    const client = await RawClient.to(ci.url);
    client.finish(`${A}\n${B}${wire === 'tcp' ? '\r' : ''}`);
    await soon(client.ended, 'the end');
    expect(said(client.lines)).toEqual(['a', 'b']);
  });
});

describe('a client over WebSocket', () => {
  let ws: WebSocket;
  const messages: string[] = [];
  beforeEach(async () => {
    messages.length = 0;
    await serve({ webSocket: true });
    ws = new WebSocket(ci.url);
    ws.on('message', (data) => messages.push(String(data)));
    await once(ws, 'open');
  });
  afterEach(() => ws.terminate());

  const got = async (count: number) => {
    while (messages.length < count) await soon(once(ws, 'message'), `${count} messages`);
    return messages;
  };

  test.each(oddLines)('sends %s', async (_, text) => {
    for (const message of oddMessages(text, A, B)) ws.send(message);
    ws.send(LAST);
    expect(said(await got(3))).toEqual(['a', 'b', 'last']);
  });

  test('sends empty messages', async () => {
    for (const message of ['', A, '', '\n', B]) ws.send(message);
    expect(said(await got(2))).toEqual(['a', 'b']);
  });
});

describe('a request that is no JSON because of NaN or Infinity', () => {
  beforeEach(() => serve({}));

  test.each([
    ['NaN', '{"type":"chat","content":"secret","a":NaN,"request_id":ID}'],
    ['Infinity', '{"request_id": ID, "type": "chat", "content": "secret", "a": [1, {"b": Infinity}]}'],
    ['-Infinity', '{"type":"chat","request_id":ID,"content":"secret","a":-Infinity,"b":NaN}'],
  ])('%s: only this request fails, with its id and the position', async (token, template) => {
    const client = await RawClient.to(ci.url);
    for (const [index, id] of ['"mine"', '12345678901234567890', '[1.0]'].entries()) {
      const line = template.replace('ID', id);
      client.send(`${A}\n${line}\n`);
      const lines = (await soon(client.got(2 * index + 2), 'two answers')).slice(2 * index);
      const failure = lines.find((one) => JSON.parse(one).type === 'error') as string;
      expect(rawIdOf(failure)).toBe(id);
      expect(JSON.parse(failure).error).toContain(token);
      expect(JSON.parse(failure).error).toMatch(positionIn(line, token));
      expect(failure).not.toContain('secret');
      expect(said(lines)).toContain('a');
    }
    client.close();
  });

  test('fails in its turn without an id', async () => {
    const client = await RawClient.to(ci.url);
    client.send(`${A}\n{"type":"chat","content":"x","a":NaN}\n${LAST}`);
    const answers = said(await soon(client.got(3), 'three answers'));
    expect(answers).toEqual(['a', expect.stringContaining('NaN'), 'last']);
    client.close();
  });
});

/** The position of the token, counted from 0 or from 1. */
function positionIn(line: string, token: string): RegExp {
  const at = line.indexOf(token);
  return new RegExp(`(?<!\\d)(?:${at}|${at + 1})(?!\\d)`);
}
