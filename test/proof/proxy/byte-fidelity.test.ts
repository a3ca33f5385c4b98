import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RawClient } from '../../support/raw-client.js';
import { isWithId, rawIdOf, withRawId } from '../../support/raw-json.js';
import { lineOf, type RawObject, rawId, rawObject, rawValue } from '../../support/raw-json-arbitrary.js';
import { raw } from '../../support/raw-lines.js';
import type { RawRequest } from '../../support/raw-peer.js';
import { runsOr } from '../../support/runs.js';
import { soon } from '../../support/soon.js';
import { type RawProxy, useRawProxy } from './raw-proxy-rig.js';

const { open } = useRawProxy();
const runs = runsOr(300, 20_264);
const TIME_MS = 120_000;

/** Returns the request that reaches the CI; rejects if the client gets an answer or is cut off instead. */
async function upstream({ ci }: RawProxy, client: RawClient): Promise<RawRequest> {
  const instead = client.got(1).then(() => {
    throw new Error(`the CI was not asked, and the client saw ${JSON.stringify(client.text)}, end: ${client.end}`);
  });
  return soon(Promise.race([ci.next(), instead]), 'a request that reaches the CI');
}

/** Sends a line. Returns the request that reaches the CI. */
async function asked(rig: RawProxy, line: string): Promise<{ client: RawClient; request: RawRequest }> {
  const client = await rig.client();
  client.send(`${line}\n`);
  return { client, request: await upstream(rig, client) };
}

/** Answers. Returns the line that the client receives. */
async function answered(client: RawClient, request: RawRequest, line: string): Promise<string> {
  request.reply(`${line}\n`);
  const [got] = await soon(client.got(1), 'an answer');
  expect([client.lines.length, client.text]).toEqual([1, `${got}\n`]);
  return got as string;
}

/** The CI must receive the client's line, with a different id value, or with an added id. */
function expectSameButId(got: string, line: string): void {
  const id = rawIdOf(got);
  expect(id).toMatch(/^"[^"\\]+"$/);
  if (rawIdOf(line) === undefined) expect({ got, line, isSame: isWithId(got, line) }).toMatchObject({ isSame: true });
  // The proxy may keep the first of several ids: the last one counts.
  else expect([withRawId(line, id as string), withRawId(line, id as string, 'all')]).toContain(got);
}

const chat = ['"type":"chat"', '"content":"hello"'];

const often = { numRuns: runs.runs, seed: runs.seed, interruptAfterTimeLimit: TIME_MS / 2 };

describe(`any line (${runs.runs} runs, PROPERTY_SEED=${runs.seed})`, () => {
  /** A request: a chat or not; `type` may be missing, or of any kind. */
  const request = fc
    .oneof(
      { weight: 3, arbitrary: fc.constant(chat) },
      { weight: 1, arbitrary: rawValue.map((value) => [`"type":${value}`]) },
      { weight: 1, arbitrary: fc.constant([] as string[]) },
    )
    .chain((fixed) => rawObject(fixed, { min: 0, max: 3 }));
  /** An answer, with one id or without. */
  const answer = rawObject(['"type":"chat_response"', '"content":"\\u00e9\\/"'], { min: 1, max: 1 });
  const ids = fc.array(rawId, { minLength: 3, maxLength: 3 });

  test(
    'reaches the CI with only its id changed',
    async () => {
      const rig = await open({ onRequest: (request) => request.reply('{"type":"response","content":""}\n') });
      const property = fc.asyncProperty(request, ids, async (object, own) => {
        const line = raw(lineOf(object, own));
        const { client, request } = await asked(rig, line);
        expectSameButId(request.line, line);
        client.close();
      });
      await fc.assert(property, often);
    },
    TIME_MS,
  );

  /** Returns what the client receives for an answer to a line with this id, or without one. */
  async function seen(rig: RawProxy, id: string | undefined, object: RawObject, echo: 'echoed' | 'not echoed') {
    const line =
      id === undefined ? '{"type":"chat","content":"x"}' : `{"type":"chat","request_id":${id},"content":"x"}`;
    const { client, request } = await asked(rig, raw(line));
    const upId = rawIdOf(request.line) as string;
    const reply = raw(lineOf(echo === 'echoed' ? object : { ...object, places: [] }, [upId]));
    const got = await answered(client, request, reply);
    client.close();
    return { got, reply };
  }

  test(
    "of the CI reaches a client with the client's own id in place of the echoed one",
    async () => {
      const rig = await open({ echoes: true });
      const property = fc.asyncProperty(answer, rawId, async (object, id) => {
        const { got, reply } = await seen(rig, id, object, 'echoed');
        expect(got).toBe(withRawId(reply, raw(id)));
      });
      await fc.assert(property, often);
    },
    TIME_MS,
  );

  test(
    'of the CI reaches a client that sent no id without the id that we added',
    async () => {
      const rig = await open({ echoes: true });
      const property = fc.asyncProperty(answer, async (object) => {
        const { got, reply } = await seen(rig, undefined, object, 'echoed');
        expect({ got, reply, isSame: isWithId(reply, got) }).toMatchObject({ isSame: true });
      });
      await fc.assert(property, often);
    },
    TIME_MS,
  );

  test(
    'of a CI that echoes no id reaches the client byte for byte',
    async () => {
      const rig = await open();
      const property = fc.asyncProperty(answer, fc.option(rawId, { nil: undefined }), async (object, id) => {
        const { got, reply } = await seen(rig, id, object, 'not echoed');
        expect(got).toBe(reply);
      });
      await fc.assert(property, often);
    },
    TIME_MS,
  );
});

describe('a line that is no JSON for JavaScript', () => {
  const lines = [
    '{"type":"chat","content":"x","a":NaN}',
    '{"type": "chat", "b": [-Infinity, Infinity], "content": "x"}',
  ];

  test.each(lines)('%s reaches the CI, with and without an id', async (line) => {
    const rig = await open({ onRequest: (request) => request.reply('{"type":"chat_response","content":""}\n') });
    for (const sent of [line, line.replace('{', '{"request_id":NaN,'), line.replace('}', ', "request_id": 7}')]) {
      const { client, request } = await asked(rig, sent);
      expectSameButId(request.line, sent);
      expect((await soon(client.got(1), 'an answer')).length).toBe(1);
    }
  });

  test.each(['NaN', 'Infinity', '-Infinity'])('an answer with %s reaches the client', async (token) => {
    const rig = await open({ echoes: true });
    for (const id of [undefined, '"mine"', '12345678901234567890']) {
      const own = id === undefined ? '' : `,"request_id":${id}`;
      const { client, request } = await asked(rig, `{"type":"chat","content":"x"${own}}`);
      const head = `{"type": "chat_response", "score": ${token}, "content": "NaN"`;
      const got = await answered(client, request, `${head}, "request_id": ${rawIdOf(request.line)}}`);
      expect(got).toBe(id === undefined ? `${head}}` : `${head}, "request_id": ${id}}`);
    }
  });

  test('an answer with NaN and no id reaches the client byte for byte', async () => {
    const rig = await open();
    const { client, request } = await asked(rig, '{"type":"chat","content":"x","request_id":7}');
    const line = '{"type": "chat_response", "content": "x", "score": NaN, "more": [Infinity, {"a": -Infinity}]}';
    expect(await answered(client, request, line)).toBe(line);
  });
});

describe('unusual bytes', () => {
  test('invalid UTF-8 is no JSON: U+FFFD replaces it, both ways, and the line counts', async () => {
    const rig = await open();
    const { client, request } = await asked(rig, '{"type":"chat","content":"a\xff\xe2\x82b"}');
    expect(JSON.parse(Buffer.from(request.line, 'latin1').toString()).content).toBe('a\ufffd\ufffdb');
    const got = await answered(client, request, '{"type":"chat_response","content":"\xf0\x9f\x98"}');
    expect(JSON.parse(Buffer.from(got, 'latin1').toString()).content).toBe('\ufffd');
  });

  test('an echoed id that the CI writes in another way', async () => {
    const rig = await open({ echoes: true });
    const { client, request } = await asked(rig, '{"type":"chat","content":"x","request_id":[1.0, "\\u00e9"]}');
    const id = JSON.parse(rawIdOf(request.line) as string) as string;
    const spelled = `"\\u00${id.charCodeAt(0).toString(16)}${id.slice(1)}"`;
    const got = await answered(
      client,
      request,
      `{"request\\u005fid" : ${spelled}, "type":"chat_response","content":"x"}`,
    );
    expect(got).toBe('{"request\\u005fid" : [1.0, "\\u00e9"], "type":"chat_response","content":"x"}');
  });

  test('an answer that echoes two ids: the last one counts', async () => {
    const rig = await open({ echoes: true });
    const { client, request } = await asked(rig, '{"type":"chat","content":"x","request_id":"mine"}');
    const reply = `{"request_id":"other","type":"chat_response","content":"x","request_id":${rawIdOf(request.line)}}`;
    const got = await answered(client, request, reply);
    expect([withRawId(reply, '"mine"'), withRawId(reply, '"mine"', 'all')]).toContain(got);
  });

  test('a stream: every frame is the CI’s own, in either dialect', async () => {
    const rig = await open({ echoes: true });
    const { client, request } = await asked(rig, '{"type":"chat","content":"x","stream":true,"request_id":1.0}');
    const id = rawIdOf(request.line) as string;
    const frames = [
      '{"request_id":ID, "type":"stream_start","n":1.0}',
      '{"type":"stream_chunk","content":"\\u00e9","chunk_index":12345678901234567890,"request_id":ID}',
      '{"type":"chunk","content":"","kind":"reasoning","request_id":ID}',
      '{"type":"stream_end", "request_id":ID, "metadata":{"tokens":1e400}}',
    ];
    for (const frame of frames) request.reply(`${frame.replace('ID', id)}\n`, 'more');
    expect(await soon(client.got(4), 'the frames')).toEqual(frames.map((frame) => frame.replace('ID', '1.0')));
  });

  test('a stream that an old peer answers in one piece', async () => {
    const rig = await open();
    const { client, request } = await asked(rig, '{"type":"chat","content":"x","stream":true}');
    const line = '{"type":"chat_response","ai_id":"apollo-ci","content":"all","model":"m","anything":[1.0]}';
    expect(await answered(client, request, line)).toBe(line);
  });
});
