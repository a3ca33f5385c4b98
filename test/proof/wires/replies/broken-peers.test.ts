import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ChoragusError } from '../../../../src/index.js';
import { Fixture, goodReplies } from './fixture.js';
import { END, event, line, PIECES, piece, SAID, saidText } from './pieces.js';
import type { RawReply } from './raw-model.js';
import type { Wire } from './row.js';

async function open(wire: Wire): Promise<Fixture> {
  const fixture = await Fixture.open(wire);
  onTestFinished(() => fixture[Symbol.asyncDispose]());
  return fixture;
}

const clean = (body: string | Buffer, more: Partial<RawReply> = {}): RawReply => ({ body, end: 'clean', ...more });

/** Ten kinds of broken answers. */
const kinds: Record<Wire, readonly RawReply[]> = {
  openai: [
    clean(`${PIECES}data: {oops\n\n${END}`),
    clean(`${PIECES}data: {"choices":[{"delta":{"content":"he`),
    clean(PIECES),
    clean(''),
    clean('<html><head><title>Sign in</title></head></html>', { headers: ['content-type: text/html'] }),
    clean('[null]', { headers: ['content-type: application/json'] }),
    clean(event({ error: { message: 'died' } })),
    clean('', { verbatim: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n' }),
    clean(Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0x00])),
    { body: piece('half'), end: 'fin' },
  ],
  ollama: [
    clean(`${SAID}{oops}\n`),
    clean(`${SAID}{"message":{"content":"he`),
    clean(SAID),
    clean(''),
    clean('<html><head><title>Sign in</title></head></html>', { headers: ['content-type: text/html'] }),
    clean('[null]', { headers: ['content-type: application/json'] }),
    clean(line({ error: { message: 'died' } })),
    clean('', { verbatim: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n' }),
    clean(Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0x00])),
    { body: saidText('half'), end: 'fin' },
  ],
};

const codes = ['protocol_error', 'ci_error', 'connection_lost'];

describe.each(['openai', 'ollama'] as const)('%s', (wire) => {
  test('1,000 broken answers of ten kinds in a row, then a good one', async () => {
    const fixture = await open(wire);
    const pool = fixture.pool();
    const seen = new Map<number, Set<string>>();
    for (let n = 0; n < 1_000; n += 1) {
      const kind = n % kinds[wire].length;
      fixture.answerWith(kinds[wire][kind] as RawReply);
      const error: ChoragusError = await firstValueFrom(pool.ask('muse', 'hello', { deadlineMs: 5_000 })).then(
        () => expect.fail(`kind ${kind} was reported as an answer`),
        (cause) => cause,
      );
      seen.set(kind, (seen.get(kind) ?? new Set()).add(error.code));
      expect(codes, `${n}: ${error.message}`).toContain(error.code);
    }
    expect(fixture.server.requests).toHaveLength(1_000);
    // Broken HTTP and lost sockets race with the bytes before them. A complete answer has one outcome.
    const whole = kinds[wire].map(({ end, verbatim }) => end === 'clean' && verbatim === undefined);
    for (const [kind, each] of seen) if (whole[kind]) expect([...each], `codes of kind ${kind}`).toHaveLength(1);
    await fixture.expectGood();
    expect(pool.snapshot().cis.muse).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('100 broken answers at once, among 100 good ones', async () => {
    const fixture = await open(wire);
    const pool = fixture.pool();
    const broken = kinds[wire];
    fixture.server.replyTo = ({ body }) => broken[Number(/broken-(\d)/.exec(body)?.[1])] ?? goodReplies[wire];
    const ask = (message: string) =>
      firstValueFrom(pool.ask('muse', message, { deadlineMs: 5_000 })).then(
        ({ content }) => content,
        ({ code }: ChoragusError) => code,
      );
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, n) => ask(n % 2 ? 'good' : `broken-${(n / 2) % 10}`)),
    );
    expect(all.filter((_, at) => at % 2 === 1)).toEqual(Array(100).fill('all is well'));
    for (const one of all.filter((_, at) => at % 2 === 0)) expect(codes).toContain(one);
    await fixture.expectGood();
  });
});

describe('stream_options', () => {
  const refusal = (message: string): RawReply => ({
    status: '400 Bad Request',
    headers: ['content-type: application/json'],
    framing: 'length',
    body: JSON.stringify({ object: 'error', message, type: 'BadRequestError', code: 400 }),
    end: 'clean',
  });

  const withOptions = ({ body }: { body: string }) => body.includes('stream_options');

  /** A fixture whose server answers, and refuses each request that has `stream_options`. */
  async function refusing(): Promise<Fixture> {
    const fixture = await open('openai');
    const refused = refusal(
      "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]",
    );
    fixture.server.replyTo = (request) => (withOptions(request) ? refused : goodReplies.openai);
    return fixture;
  }

  test('are sent, left out for a server that refuses them, and not tried again', async () => {
    const fixture = await refusing();
    for (let n = 0; n < 3; n += 1) {
      expect((await firstValueFrom(fixture.pool().ask('muse', 'hello'))).content).toBe('all is well');
    }
    expect(fixture.server.requests.map(withOptions)).toEqual([true, false, false, false]);
    expect(JSON.parse(fixture.server.requests[0]?.body ?? '')).toMatchObject({
      stream_options: { include_usage: true },
    });
  });

  test('are left out for a server that refuses them after it has accepted them', async () => {
    const fixture = await refusing();
    const { replyTo } = fixture.server;
    await fixture.expectGood();
    fixture.server.replyTo = replyTo;
    expect((await firstValueFrom(fixture.pool().ask('muse', 'hello'))).content).toBe('all is well');
    expect(fixture.server.requests.map(withOptions)).toEqual([true, true, false]);
  });

  test('a 400 for another reason is the error of that request', async () => {
    const fixture = await open('openai');
    fixture.answerWith(refusal('max_tokens is too large'));
    const error = await firstValueFrom(fixture.pool().ask('muse', 'hello')).catch((cause) => cause);
    expect(error).toMatchObject({
      code: 'ci_error',
      status: 400,
      message: expect.stringContaining('max_tokens is too large'),
    });
    expect(fixture.server.requests.length).toBeLessThanOrEqual(2);
    await fixture.expectGood();
  });
});
