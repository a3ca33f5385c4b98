import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CiHandler, type CiRequest, type CiServer, serveCi } from '../../../src/server/index.js';
import { RawClient } from '../../support/raw-client.js';
import { rawIdOf } from '../../support/raw-json.js';
import { lineOf, rawId, rawObject, rawValue } from '../../support/raw-json-arbitrary.js';
import { raw } from '../../support/raw-lines.js';
import { runsOr } from '../../support/runs.js';
import { soon } from '../../support/soon.js';

const runs = runsOr(300, 20_264);
const TIME_MS = 120_000;
const often = { numRuns: runs.runs, seed: runs.seed, interruptAfterTimeLimit: TIME_MS / 2 };

let ci: CiServer;
const seen: CiRequest[] = [];
/** Streams have two pieces; content `fail` gets an error. */
const handler: CiHandler = async function* (request) {
  seen.push(request);
  if (request.raw.fail === true) throw new Error('no');
  yield 'one';
  if (request.isStream) yield 'two';
};

beforeEach(async () => {
  seen.length = 0;
  ci = await serveCi({ id: 'apollo', handler });
});
afterEach(() => ci.close());

/** The lines that answer one request. */
async function answersTo(line: string, count = 1): Promise<readonly string[]> {
  const client = await RawClient.to(ci.url);
  client.send(`${line}\n`);
  const lines = await soon(client.got(count), `${count} lines`);
  client.close();
  return lines;
}

/** Messages that are answered, and by how many lines. */
const messages = fc.constantFrom(
  { fixed: ['"type":"chat"', '"content":"x"'], count: 1, type: 'chat_response' },
  { fixed: ['"type":"chat"', '"content":"x"', '"stream":true'], count: 4, type: 'stream_end' },
  { fixed: ['"type":"chat"', '"content":"x"', '"fail":true'], count: 1, type: 'error' },
  { fixed: ['"type":"chat"', '"fail":true', '"stream":true'], count: 2, type: 'stream_error' },
  { fixed: ['"type":"sing"', '"content":"x"'], count: 1, type: 'response' },
  { fixed: ['"type":"ping"'], count: 1, type: 'pong' },
  { fixed: ['"type":"health"'], count: 1, type: 'health_response' },
  { fixed: ['"type":"info"'], count: 1, type: 'info_response' },
);
const requests = messages.chain((message) =>
  fc.record({ message: fc.constant(message), object: rawObject(message.fixed, { min: 0, max: 3 }) }),
);
const ids = fc.array(rawId, { minLength: 3, maxLength: 3 });

describe(`any request (${runs.runs} runs, PROPERTY_SEED=${runs.seed})`, () => {
  test(
    'is answered with its id in the original spelling, or without one',
    async () => {
      const property = fc.asyncProperty(requests, ids, async ({ message: { count, type }, object }, own) => {
        const line = raw(lineOf(object, own));
        const lines = await answersTo(line, count);
        expect(lines.map(rawIdOf)).toEqual(lines.map(() => rawIdOf(line)));
        expect(JSON.parse(lines.at(-1) as string).type).toBe(type);
      });
      await fc.assert(property, often);
    },
    TIME_MS,
  );

  test(
    'reaches the handler unchanged as `raw`',
    async () => {
      const chats = rawObject(['"type":"chat"', '"content":"x"'], { min: 0, max: 3 });
      const property = fc.asyncProperty(
        chats,
        ids,
        fc.option(rawValue, { nil: undefined }),
        async (object, own, value) => {
          const members = value === undefined ? object.members : [...object.members, `"context":${value}`];
          const line = lineOf({ ...object, members, spaces: [...object.spaces, '', '', '', ''] }, own);
          await answersTo(raw(line));
          const got = seen.at(-1)?.raw;
          expect({ got, line, isSame: isDeepStrictEqual(got, JSON.parse(line)) }).toMatchObject({ isSame: true });
        },
      );
      await fc.assert(property, often);
    },
    TIME_MS,
  );
});

test.each([
  ['12345678901234567890'],
  ['-0.0'],
  ['1e400'],
  ['1.0'],
  ['"\\u00e9\\/\\ud800"'],
  ['{ "request_id" : [1.0] }'],
  ['null'],
  ['[]'],
  ['""'],
])('an id %s is echoed by a CI with ids, and in streams of a CI without', async (id) => {
  const line = (rest: string) => `{"type":"chat","content":"x","request_id":\t${id} ,${rest}}`;
  expect((await answersTo(line('"a":1'))).map(rawIdOf)).toEqual([id]);
  await using fifo = await serveCi({ id: 'apollo', correlation: 'ordered', handler });
  const client = await RawClient.to(fifo.url);
  client.send(`${line('"stream":true')}\n`);
  expect((await soon(client.got(4), 'a stream')).map(rawIdOf)).toEqual([id, id, id, id]);
  client.close();
});

test('a text that looks like an id is not an id', async () => {
  const line = '{"type":"chat","content":"\\"request_id\\":1","context":{"request_id":2},"x":[{"request_id":3}]}';
  expect((await answersTo(line)).map(rawIdOf)).toEqual([undefined]);
});
