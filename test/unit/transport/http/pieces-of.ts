import fc from 'fast-check';
import { codePoint } from '../../../support/code-points.js';

/** Where to cut, as fractions of the whole: the same cuts fit a text of any length. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([]),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
);

/** Cuts a text or bytes at these places; with `each`, after each character or byte. */
export function piecesOf<T extends string | Buffer>(whole: T, places: readonly number[] | 'each'): T[] {
  const at =
    places === 'each'
      ? Array.from({ length: whole.length }, (_, n) => n)
      : places.map((place) => Math.floor(place * whole.length)).sort((a, b) => a - b);
  const edges = [0, ...at, whole.length];
  return edges.slice(1).map((edge, n) => whole.slice(edges[n], edge) as T);
}

/** Difficult contents of JSON: each kind of character, escapes, brackets and line ends within texts. */
const text = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', '\r', '\u2028', ':', 'é', '😀', ' ', 'data: '),
  }),
);

/** Any JSON object, as JSON represents it: -0 becomes 0 there. */
export const jsonObject: fc.Arbitrary<Record<string, unknown>> = fc
  .dictionary(text, fc.oneof(fc.jsonValue({ maxDepth: 3 }), text, fc.array(text)), {
    maxKeys: 4,
    noNullPrototype: true,
  })
  .map((value) => JSON.parse(JSON.stringify(value)));

/** How a value is printed: on one line, or pretty. */
export const indent = fc.constantFrom(0, 1, 2, '\t');
