import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metaOf, readCarrier } from '../../../src/protocol/trace-context.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const traceparent = `00-${trace}-${span}-01`;

describe('readCarrier', () => {
  test('copies a valid carrier, and nothing else', () => {
    expect(readCarrier({ traceparent, tracestate: 'rojo=1,congo=t61', other: 1 })).toEqual({
      traceparent,
      tracestate: 'rojo=1,congo=t61',
    });
    expect(readCarrier({ traceparent })).toEqual({ traceparent });
  });

  test.each([
    undefined,
    null,
    traceparent,
    {},
    { traceparent: 7 },
    { traceparent: '' },
    { traceparent: `ff-${trace}-${span}-01` },
    { traceparent: `00-${'0'.repeat(32)}-${span}-01` },
    { traceparent: `00-${trace}-${'0'.repeat(16)}-01` },
    { traceparent: traceparent.toUpperCase() },
    { traceparent: `${traceparent}-more` },
    { traceparent: ` ${traceparent}` },
    { traceparent: `${traceparent}\n` },
    { traceparent: `${traceparent}\r\nx-evil: 1` },
    { traceparent: `00-${trace}-${span}` },
  ])('refuses %j', (value) => {
    expect(readCarrier(value)).toBeUndefined();
  });

  test('refuses a carrier that cannot be read', () => {
    const hostile = {
      get traceparent(): string {
        throw new Error('a getter');
      },
    };
    expect(readCarrier(hostile)).toBeUndefined();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(readCarrier(proxy)).toBeUndefined();
  });

  test.each([
    '',
    ',',
    'no equals',
    'a=1\r\nx-evil: 1',
    'a=1\nb',
    'a="\u0000"',
    'a=é',
    'UPPER=1',
    'a=1,b',
    'a=',
    'a=x ,=1',
    'a=b=c',
    `a=${'x'.repeat(257)}`,
    `a=${'x'.repeat(200)},b=${'x'.repeat(200)},c=${'x'.repeat(200)}`,
    Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(','),
    7,
  ])('leaves out the tracestate %j, and keeps the traceparent', (tracestate) => {
    expect(readCarrier({ traceparent, tracestate })).toEqual({ traceparent });
  });

  test.each(['a=1', 'a=1, b=2', 'a=1,,b=2', 'fw529a3039@dt=FfAAAA', '0=x', `a=${'x'.repeat(256)}`, 'a="q\\"'])(
    'keeps the tracestate %j',
    (tracestate) => {
      expect(readCarrier({ traceparent, tracestate })).toEqual({ traceparent, tracestate });
    },
  );

  test('whatever it reads breaks neither a line nor a header', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant(traceparent),
      fc.stringMatching(/^[a-z]=[\s\S]*$/),
    );
    const near = fc.tuple(fc.nat(54), fc.string({ unit: 'binary', maxLength: 3 })).map(([at, piece]) => {
      return traceparent.slice(0, at) + piece + traceparent.slice(at + piece.length);
    });
    fc.assert(
      fc.property(fc.record({ traceparent: fc.oneof(near, text), tracestate: text }), (value) => {
        const carrier = readCarrier(value);
        if (carrier === undefined) return;
        for (const field of Object.values(carrier)) expect(field).toMatch(/^[\x20-\x7e]{1,512}$/);
        expect(JSON.parse(`{"type":"chat"${metaOf(carrier)}}`)).toEqual({ type: 'chat', _meta: carrier });
        expect(metaOf(carrier)).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test('takes linear time for a hostile tracestate', () => {
    const hostile = `${'a'.repeat(250)}@${'b'.repeat(10)}=${' '.repeat(250)}\u0001`;
    const startMs = performance.now();
    for (let time = 0; time < 1_000; time += 1) readCarrier({ traceparent, tracestate: hostile });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
