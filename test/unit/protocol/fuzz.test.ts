import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import { contentOf, errorTextOf, fits, kindOf, parseFrame } from '../../../src/protocol/frame-codec.js';
import { LineDecoder } from '../../../src/protocol/ndjson.js';
import { codePoint } from '../../support/code-points.js';
import { Recorder } from './correlator-rig.js';
import { awkward, codeOf, cut, isJsonObject, oracle, sizes, stream } from './fuzz-input.js';

/** Runs of each property; FUZZ_RUNS sets more. FUZZ_SEED repeats a run from the seed that a failure printed. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_251);
/** FUZZ_LONG=1: the largest line in pieces of one byte, and ten million newlines. */
const isLong = process.env.FUZZ_LONG === '1';
const MIB = 1_048_576;
const options = { numRuns: RUNS, seed: SEED };

afterEach(() => {
  vi.restoreAllMocks();
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe('LineDecoder, with any bytes in any pieces', () => {
  test('returns the lines of a simple reader, refuses only lines that are too long, and buffers no more than the limit', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    fc.assert(
      fc.property(stream, sizes, fc.integer({ min: 1, max: 200 }), (bytes, cuts, maxLineBytes) => {
        allocate.mockClear();
        const decoder = new LineDecoder(maxLineBytes);
        const lines: string[] = [];
        const code = codeOf(() => {
          for (const part of cut(bytes, cuts)) decoder.push(part, (line) => lines.push(line));
        });
        expect({ lines, code }).toEqual(oracle(bytes, maxLineBytes));
        expect(decoder.hasPartialLine).toBe(code === undefined && bytes.length > 0 && bytes.at(-1) !== 10);
        for (const [size] of allocate.mock.calls) expect(size).toBeLessThanOrEqual(maxLineBytes);
      }),
      options,
    );
  });

  test('makes each line a frame or a protocol_error', () => {
    fc.assert(
      fc.property(stream, sizes, (bytes, cuts) => {
        const decoder = new LineDecoder(MIB);
        for (const part of cut(bytes, cuts)) {
          decoder.push(part, (line) => {
            if (codeOf(() => parseFrame(line)) !== 'protocol_error') expect(isJsonObject(line)).toBe(true);
          });
        }
      }),
      options,
    );
  });
});

describe('parseFrame and the readers of its frames', () => {
  const text = fc.oneof(fc.string({ unit: codePoint, maxLength: 60 }), fc.json(), fc.constantFrom(...awkward));

  test('any text is a new object or a protocol_error that does not quote it', () => {
    fc.assert(
      fc.property(text, (line) => {
        let frame: Frame | undefined;
        const code = codeOf(() => {
          frame = parseFrame(line);
        });
        expect(code).toBe(isJsonObject(line) ? undefined : 'protocol_error');
        if (frame === undefined) return;
        expect(Object.getPrototypeOf(frame)).toBe(Object.prototype);
        expect(['reply', 'streamStart', 'chunk', 'streamEnd', 'streamError']).toContain(kindOf(frame.type));
        expect(typeof fits('chat', frame.type)).toBe('boolean');
        expect(['string', 'undefined']).toContain(typeof contentOf(frame));
        expect(errorTextOf(frame).length).toBeLessThanOrEqual(500);
      }),
      options,
    );
  });

  const inherited = fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype));

  test('takes no property that every object inherits for a type', () => {
    fc.assert(
      fc.property(inherited, fc.oneof(inherited, fc.jsonValue()), (request, reply) => {
        expect(kindOf(request)).toBe('reply');
        if (typeof reply !== 'string') expect(kindOf(reply)).toBe('reply');
        expect(fits('chat', request)).toBe(false);
        // A request of an unknown type takes any reply that is not another type's own.
        expect(fits(request, reply)).toBe(typeof reply === 'string');
      }),
      options,
    );
  });
});

describe('Correlator, with any frames', () => {
  const known = fc.constantFrom(
    'chat_response',
    'response',
    'pong',
    'error',
    'stream_start',
    'stream_chunk',
    'stream_end',
    'chunk',
    'complete',
    'stream_error',
    '__proto__',
    'constructor',
  );
  const id = fc.oneof(
    fc.nat(6).map((number) => `p.${number}`),
    fc.constantFrom(
      'p.',
      'p.-1',
      'p.1e6',
      'p.NaN',
      `p.${'9'.repeat(400)}`,
      'p.9007199254740993',
      'p.0',
      '__proto__',
      '',
    ),
    fc.jsonValue(),
    fc.string(),
  );
  const frame: fc.Arbitrary<Frame> = fc.record(
    { type: fc.oneof(known, fc.jsonValue()), request_id: id, content: fc.jsonValue(), error: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const act = fc.oneof(
    { weight: 4, arbitrary: frame.map((value) => ({ do: 'receive' as const, value })) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom('whole' as const, 'stream' as const)
        .map((replyMode) => ({ do: 'add' as const, replyMode })),
    },
    { weight: 1, arbitrary: fc.nat(9).map((which) => ({ do: 'abandon' as const, which })) },
  );

  test('throws nothing, ends each request at most once, and counts to zero in the end', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        const strays = { lateReplies: 0, duplicates: 0, unsolicited: 0 };
        const correlator = new Correlator('p.', strays);
        const added: { readonly number: number; readonly recorder: Recorder }[] = [];
        let received = 0;
        for (const next of acts) {
          if (next.do === 'add') {
            const recorder = new Recorder('chat', next.replyMode);
            added.push({ number: correlator.add(recorder), recorder });
          } else if (next.do === 'abandon') {
            const chosen = added[next.which % Math.max(added.length, 1)];
            if (chosen !== undefined) correlator.abandon(chosen.number, 0);
          } else {
            received += 1;
            correlator.receive(next.value);
          }
          const { live, abandoned } = correlator;
          if (live < 0 || abandoned < 0 || live + abandoned > added.length) expect([live, abandoned]).toBe('counted');
        }
        for (const { recorder } of added) expect(recorder.endings).toBeLessThanOrEqual(1);
        expect(strays.lateReplies + strays.duplicates + strays.unsolicited).toBeLessThanOrEqual(received);
        correlator.drain();
        expect([correlator.live, correlator.abandoned]).toEqual([0, 0]);
      }),
      options,
    );
  });
});

describe('hostile input', () => {
  const size = isLong ? 16 * MIB : MIB;

  test('the longest line in pieces of one byte: buffered once, in buffers that double, and refused at one byte more', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const decoder = new LineDecoder(size);
    const byte = Buffer.from('x');
    const ignore = (): void => {};
    for (let i = 0; i < size; i += 1) decoder.push(byte, ignore);
    expect(decoder.hasPartialLine).toBe(true);
    const sizesHeld = allocate.mock.calls.map(([bytes]) => bytes);
    expect(Math.max(...sizesHeld)).toBe(size);
    // Counted, not timed: everything ever buffered, including released buffers, is under twice the line.
    expect(sizesHeld.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2 * size + 64);
    expect(codeOf(() => decoder.push(byte, ignore))).toBe('reply_too_large');
    expect(decoder.hasPartialLine).toBe(false);
  }, 120_000);

  test.each([
    ['newlines alone', '\n'],
    ['CRLF alone', '\r\n'],
  ])(
    '%s: no line, and nothing buffered',
    (_name, end) => {
      const packet = Buffer.from(end.repeat(65_536 / end.length));
      const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
      const decoder = new LineDecoder(MIB);
      let lines = 0;
      for (let sent = 0; sent < (isLong ? 10_000_000 : 1_000_000) * end.length; sent += packet.length) {
        decoder.push(packet, () => {
          lines += 1;
        });
      }
      expect(lines).toBe(0);
      expect(decoder.hasPartialLine).toBe(false);
      expect(allocate).not.toHaveBeenCalled();
    },
    120_000,
  );

  /** Returns the CPU time of a run, in µs. */
  function cpuOf(work: () => void): number {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }

  test.each<[string, (n: number) => () => void]>([
    ['newlines', (n) => feed(Buffer.alloc(n * 8, 10), 4_096)],
    ['short lines', (n) => feed(Buffer.from('{}\n'.repeat(n)), 4_096)],
    ['one line in pieces', (n) => feed(Buffer.alloc(n, 120), 7)],
    ['lines that are cut within a character', (n) => feed(Buffer.from(`${'é'.repeat(31)}\n`.repeat(n / 32)), 33)],
    ['brackets', (n) => () => codeOf(() => parseFrame('['.repeat(n)))],
    ['digits', (n) => () => codeOf(() => parseFrame(`{"a":${'9'.repeat(n)}}`))],
    ['escapes', (n) => () => codeOf(() => parseFrame(`{"a":"${'\\u0000'.repeat(n)}"}`))],
  ])('%s: four times as many cost at most linear time', (_name, prepare) => {
    const n = 32_768;
    const [few, many] = [prepare(n), prepare(4 * n)];
    let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    // Quadratic cost would be 16 times as much. A small cost is all noise: allow 10 ms. The least of many runs is the
    // least disturbed: other work adds to a cost, and never takes from it.
    for (let run = 0; run < 3 || (run < 30 && large >= 10 * small + 10_000); run += 1) {
      small = Math.min(small, cpuOf(few));
      large = Math.min(large, cpuOf(many));
    }
    expect(large).toBeLessThan(10 * small + 10_000);
  });

  function feed(bytes: Buffer, pieceBytes: number): () => void {
    return () => {
      const decoder = new LineDecoder(16 * MIB);
      for (const part of cut(bytes, [pieceBytes])) decoder.push(part, () => {});
    };
  }

  test.each([
    ['brackets that never close', '['.repeat(100_000)],
    ['braces that never close', '{"a":'.repeat(100_000)],
    ['an array that is closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('nesting 100,000 deep, %s: a protocol_error', (_name, line) => {
    expect(codeOf(() => parseFrame(line))).toBe('protocol_error');
  });

  test('nesting 100,000 deep within an object gives a frame, or a protocol_error if the engine gives up', () => {
    const line = `{"type":"pong","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect([undefined, 'protocol_error']).toContain(codeOf(() => parseFrame(line)));
  });
});
