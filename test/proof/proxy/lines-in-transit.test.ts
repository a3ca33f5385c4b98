import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { certificates } from '../../support/certificates.js';
import { isWithId, rawIdOf, withRawId } from '../../support/raw-json.js';
import { lineOf, rawId, rawObject } from '../../support/raw-json-arbitrary.js';
import { raw } from '../../support/raw-lines.js';
import { RawCi, type RawRequest } from '../../support/raw-peer.js';
import { runsOr } from '../../support/runs.js';
import { soon } from '../../support/soon.js';
import { useRawProxy } from './raw-proxy-rig.js';

const { open, proxyFor, onEnd } = useRawProxy();
const runs = runsOr(60, 20_266);

const ASK = raw(
  '{"type":"chat", "content":"\\u00e9 é😀\u2028", "n":[12345678901234567890,-0.0,1e400], "request_id" : 1.0 }',
);
const ANSWER = raw('{ "request_id":ID,"type":"chat_response","content":"\\ud800 €","n":-0.0,"big":9007199254740993}');

describe('the CI is', () => {
  test.each(['tcp', 'tls', 'unix'] as const)('on %s', async (wire) => {
    const ci = await RawCi.listen(undefined, { echoes: true, wire });
    onEnd(() => ci[Symbol.asyncDispose]());
    const tls = wire === 'tls' ? { tls: { ca: certificates.ca } } : {};
    const { client } = await proxyFor(ci.url, { cis: { apollo: { url: ci.url, ...tls } } });
    const one = await client();
    one.send(`${ASK}\n`);
    const request = await soon(ci.next(), 'a request');
    expect(request.line).toBe(withRawId(ASK, rawIdOf(request.line) as string));
    request.reply(`${ANSWER.replace('ID', rawIdOf(request.line) as string)}\n`);
    expect(await soon(one.got(1), 'an answer')).toEqual([ANSWER.replace('ID', '1.0')]);
  });

  test('on WebSocket', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onEnd(() => {
      for (const ws of server.clients) ws.terminate();
      server.close();
    });
    await once(server, 'listening');
    const lines: string[] = [];
    server.on('connection', (ws) => {
      ws.on('message', (data: Buffer) => {
        const line = data.toString('latin1');
        lines.push(line);
        ws.send(Buffer.from(ANSWER.replace('ID', rawIdOf(line) as string), 'latin1'), { binary: false });
      });
    });
    const { client } = await proxyFor(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const one = await client();
    one.send(`${ASK}\n`);
    expect(await soon(one.got(1), 'an answer')).toEqual([ANSWER.replace('ID', '1.0')]);
    expect(lines).toEqual([withRawId(ASK, rawIdOf(lines[0] as string) as string)]);
  });
});

describe('a line in pieces', () => {
  test('reaches the CI unchanged, and its answer the client, with cuts at every byte', async () => {
    const { ci, client } = await open({ echoes: true });
    const one = await client();
    for (const byte of `${ASK}\r\n`) {
      one.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const request = await soon(ci.next(), 'a request');
    expect(request.line).toBe(withRawId(`${ASK}\r`, rawIdOf(request.line) as string));
    for (const byte of `${ANSWER.replace('ID', rawIdOf(request.line) as string)}\r\n`) {
      request.reply(byte, 'more');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await soon(one.got(1), 'an answer')).toEqual([`${ANSWER.replace('ID', '1.0')}\r`]);
  });

  test.each([60_000, 65_000])('passes with %i bytes, and an answer of 2 MB', async (bytes) => {
    const { ci, client } = await open({ echoes: true });
    const one = await client();
    const line = `{"type":"chat","content":"${'x'.repeat(bytes - 80)}","n":1.0,"request_id":"mine"}`;
    one.send(`${line}\n`);
    const request = await soon(ci.next(), 'a request');
    expect(request.line === withRawId(line, rawIdOf(request.line) as string)).toBe(true);
    const answer = `{"type":"chat_response","content":"${'é'.repeat(1_000_000)}","n":1.0,"request_id":ID}`;
    request.reply(`${raw(answer).replace('ID', rawIdOf(request.line) as string)}\n`);
    const [got] = await soon(one.got(1), 'an answer');
    expect(got === raw(answer).replace('ID', '"mine"')).toBe(true);
  });
});

test("a line without an id at the CI's maximum length passes, and gets no longer", async () => {
  const limit = 65_536;
  const { ci, client } = await open();
  const one = await client();
  const line = `{"type":"chat","content":"${'x'.repeat(limit - 28)}"}`;
  expect(line.length).toBe(limit);
  one.send(`${line}\n`);
  const request = await soon(ci.next(), 'a request');
  expect(request.line.length).toBeLessThanOrEqual(limit);
  request.reply('{"type":"chat_response","content":"x"}\n');
  expect(await soon(one.got(1), 'an answer')).toEqual(['{"type":"chat_response","content":"x"}']);
});

describe(`lines of one packet (${runs.runs} runs, PROPERTY_SEED=${runs.seed})`, () => {
  const asks = fc.array(fc.tuple(rawObject(['"type":"chat"', '"content":"x"'], { min: 0, max: 1 }), rawId), {
    minLength: 2,
    maxLength: 8,
  });
  const answer = rawObject(['"type":"chat_response"', '"content":"x"'], { min: 1, max: 1 });

  test('reach the CI one by one and are all answered: those without ids in their order, for any order of the CI', async () => {
    const { ci, client } = await open({ echoes: true, pool: { maxConnections: 8, pipelining: 8 } });
    let known = 0;
    const property = fc.asyncProperty(
      asks.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length }))),
      answer,
      async ([all, turns], object) => {
        const lines = all.map(([message, id]) => raw(lineOf(message, [id])));
        const one = await client();
        one.send(lines.map((line) => `${line}\n`).join(''));
        known += lines.length;
        const requests = (await soon(ci.requests(known), 'all requests')).slice(known - lines.length);
        const requestOf = (line: string): RawRequest => {
          const isIt = (each: RawRequest) => isSame(each.line, line) && !taken.has(each);
          const found = requests.find(isIt) as RawRequest;
          expect({ line, isThere: found !== undefined }).toMatchObject({ isThere: true });
          taken.add(found);
          return found;
        };
        const taken = new Set<RawRequest>();
        const mine = lines.map(requestOf);
        const replies = mine.map(({ line }, index) => {
          const members = object.members.map((member) => member.replace('"content":"x"', `"content":"to ${index}"`));
          return raw(lineOf({ ...object, members }, [rawIdOf(line) as string]));
        });
        for (const turn of turns) mine[turn]?.reply(`${replies[turn]}\n`);
        const got = await soon(one.got(lines.length), 'all answers');
        const left = [...got];
        const ids = lines.map(rawIdOf);
        for (const [index, id] of ids.entries()) {
          if (id === undefined) continue;
          expect(left).toContain(withRawId(replies[index] as string, id));
          left.splice(left.indexOf(withRawId(replies[index] as string, id)), 1);
        }
        const others = replies.filter((_, index) => ids[index] === undefined);
        const areSame = others.map((reply, index) => isWithId(reply, left[index] ?? ''));
        expect({ left, others, areSame }).toMatchObject({ areSame: others.map(() => true) });
        one.close();
      },
    );
    await fc.assert(property, { numRuns: runs.runs, seed: runs.seed, interruptAfterTimeLimit: 60_000 });
  }, 120_000);

  /** Whether it is this line, except for a changed or added id. */
  function isSame(got: string, line: string): boolean {
    const id = rawIdOf(got) as string;
    return rawIdOf(line) === undefined ? isWithId(got, line) : got === withRawId(line, id);
  }
});
