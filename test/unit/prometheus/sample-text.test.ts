import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../../src/observe/histogram.js';
import { bucketBounds, bucketsOf } from '../../../src/prometheus/buckets.js';
import { families } from '../../../src/prometheus/families.js';
import { ciLabel, escaped, heading, histogramSamples, sample } from '../../../src/prometheus/sample-text.js';
import { readSamples } from '../../support/read-samples.js';

/** Names as no pool accepts them: quotes, backslashes, line ends, any script. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', 'n', ' ', '#', '\r', '\u2028', 'é', '𝔘') }),
);
const help = (name: string, type = 'gauge') => `# HELP ${name} x\n# TYPE ${name} ${type}\n`;

describe('a label', () => {
  test.each([
    ['apollo', 'apollo'],
    ['a"b', 'a\\"b'],
    ['a\\b', 'a\\\\b'],
    ['a\nb', 'a\\nb'],
    ['a\\nb', 'a\\\\nb'],
    ['é 𝔘', 'é 𝔘'],
  ])('%j is written as %s', (value, written) => {
    expect(escaped(value)).toBe(written);
  });

  test('is read back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(hostile, fc.double({ min: 0, max: 1e12, noNaN: true }), (name, value) => {
        const text = help('x') + sample('x', ciLabel(name), 'state="up"', value);
        expect(readSamples(text).samples).toEqual([{ name: 'x', labels: { ci: name, state: 'up' }, value }]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a histogram', () => {
  test('is cumulative, ends with the count, and equals a count of the durations by hand', () => {
    const micros = fc.integer({ min: 0, max: 400_000_000 });
    const atBounds = fc.constantFrom(
      ...bucketBounds.flatMap((bound) => [bound * 1e6 - 1, bound * 1e6, bound * 1e6 + 1]),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(micros, atBounds)), hostile, (durations, name) => {
        const histogram = new Histogram();
        for (const one of durations) histogram.record(one / 1_000);
        const read = readSamples(help('x', 'histogram') + histogramSamples('x', ciLabel(name), bucketsOf(histogram)));
        for (const bound of bucketBounds) {
          // Durations are whole µs, and one of exactly a bound is in the next bucket.
          const below = durations.filter((one) => one < Math.round(bound * 1e6)).length;
          expect(read.value('x_bucket', { ci: name, le: String(bound) })).toBe(below);
        }
        expect(read.value('x_bucket', { ci: name, le: '+Inf' })).toBe(durations.length);
        expect(read.value('x_count', { ci: name })).toBe(durations.length);
        expect(read.value('x_sum', { ci: name })).toBe(durations.reduce((sum, one) => sum + one, 0) / 1e6);
      }),
    );
  });
});

describe('the families', () => {
  test('have names of their own, and the endings of their types and units', () => {
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const { name, type, unit } of families) {
      expect(name).toMatch(/^choragus_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (unit !== undefined) expect(name).toContain(`_${unit}`);
    }
  });

  test('are described as each format names them', () => {
    const named = (name: string) => families.find((family) => family.name === name) as (typeof families)[number];
    expect(heading(named('choragus_connects_total'), 'openMetrics')).toBe(
      '# TYPE choragus_connects counter\n# HELP choragus_connects Dials that succeeded.\n',
    );
    expect(heading(named('choragus_build_info'), 'openMetrics')).toMatch(/^# TYPE choragus_build info\n/);
    expect(heading(named('choragus_build_info'), 'text')).toMatch(/\n# TYPE choragus_build_info gauge\n$/);
    expect(heading(named('choragus_connect_duration_seconds'), 'openMetrics')).toContain(
      '# UNIT choragus_connect_duration_seconds seconds\n',
    );
    // A unit must be the end of the name, which is not so here.
    expect(heading(named('choragus_connect_seconds_saved_total'), 'openMetrics')).not.toContain('UNIT');
  });
});
