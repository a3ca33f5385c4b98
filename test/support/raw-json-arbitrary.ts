import fc from 'fast-check';

/** The text of a JSON value, or of a part of one, as some program may print it. */
type RawText = fc.Arbitrary<string>;

/** White space between tokens: mostly none. */
const space: RawText = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\t', '  ', ' \t ', '\r', '\r\t') },
);

const number: RawText = fc.oneof(
  fc.constantFrom(
    '12345678901234567890',
    '9007199254740993',
    '-0',
    '-0.0',
    '1.0',
    '1e400',
    '-1e400',
    '1E+5',
    '0.1e-7',
    '3.1415926535897932384626433832795',
    '0',
  ),
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
);

/** Pieces of a text within its quotes. */
const piece: RawText = fc.oneof(
  fc.constantFrom(
    '\\u00e9',
    '\\u00E9',
    '\\/',
    '/',
    '\\ud800',
    '\\uDFFF',
    '\\ud83d\\ude00',
    '\\n',
    '\\"',
    '\\\\',
    '\\u0000',
  ),
  fc.constantFrom('é', '€', '😀', '\u2028', '\u2029', '\ufeff', 'NaN', 'request_id', '{', '}', '[', ']', ',', ':', ' '),
  fc.string({ maxLength: 6, unit: fc.constantFrom(...'abcxyz 0123456789_.-') }),
);

const text: RawText = fc.array(piece, { maxLength: 6 }).map((pieces) => `"${pieces.join('')}"`);

/** `request_id`, in some of its equivalent spellings. */
export const idKey: RawText = fc.oneof(
  { weight: 4, arbitrary: fc.constant('"request_id"') },
  { weight: 1, arbitrary: fc.constantFrom('"request\\u005fid"', '"\\u0072equest_id"', '"request_i\\u0064"') },
);

/** A key without a meaning; it may occur twice. */
const key: RawText = fc.oneof(
  fc.constantFrom(
    '"a"',
    '"b"',
    '"\\u0061"',
    '"__proto__"',
    '"constructor"',
    '"request_id "',
    '"Request_id"',
    '""',
    '"1"',
    '"é"',
  ),
  text.filter((raw) => !/^"(?:type|content|stream|choragus|request_id)"$/.test(unescaped(raw))),
);

/** Nested brackets, up to a thousand deep. */
const nesting: RawText = fc
  .record({ depth: fc.integer({ min: 2, max: 1_000 }), kind: fc.constantFrom('array', 'object', 'id'), leaf: number })
  .map(({ depth, kind, leaf }) => {
    if (kind === 'array') return '['.repeat(depth) + leaf + ']'.repeat(depth);
    const name = kind === 'id' ? '"request_id"' : '"a"';
    return `{${name}:`.repeat(depth) + leaf + '}'.repeat(depth);
  });

const { value } = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(number, text, fc.constantFrom('true', 'false', 'null')),
    tie('array'),
    tie('object'),
  ),
  array: fc.array(tie('value'), { maxLength: 3 }).chain((values) => spaced(values, '[', ']')),
  object: fc
    .array(fc.tuple(fc.oneof(key, idKey), space, space, tie('value')), { maxLength: 3 })
    .map((members) => members.map(([name, before, after, raw]) => `${name}${before}:${after}${raw}`))
    .chain((members) => spaced(members, '{', '}')),
}));

/** Any JSON value. */
export const rawValue: RawText = fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: nesting });

/** Any JSON value as an id; most are of the kinds that programs use. */
export const rawId: RawText = fc.oneof(fc.constantFrom('"a.1"', '7', '"\\u0041"', 'null', 'true', '""'), value);

/** An object as a program may print it, with marks in place of its ids. */
export interface RawObject {
  readonly members: readonly string[];
  /** The positions of the ids among the members, the effective one last; none for an object without an id. */
  readonly places: readonly { readonly index: number; readonly key: string; readonly colon: string }[];
  readonly spaces: readonly string[];
}

/**
 * Objects with these members and up to four random ones, in any order.
 *
 * @param ids - Number of ids in each object.
 */
export function rawObject(
  fixed: readonly string[],
  ids: { readonly min: number; readonly max: number },
): fc.Arbitrary<RawObject> {
  const other = fc
    .tuple(key, space, space, rawValue)
    .map(([name, before, after, raw]) => `${name}${before}:${after}${raw}`);
  return fc.array(other, { maxLength: 4 }).chain((others) => {
    const all = [...fixed, ...others];
    return fc.record({
      members: fc.shuffledSubarray(all, { minLength: all.length }),
      places: fc
        .array(
          fc.record({
            index: fc.integer({ min: 0, max: all.length }),
            key: idKey,
            colon: fc.tuple(space, space).map(([before, after]) => `${before}:${after}`),
          }),
          { minLength: ids.min, maxLength: ids.max },
        )
        .map((places) => places.sort((one, other) => one.index - other.index)),
      spaces: fc.array(space, { minLength: 2 * (all.length + ids.max) + 2, maxLength: 2 * (all.length + ids.max) + 2 }),
    });
  });
}

/** Returns the line of an object, with these ids in place of the marks. */
export function lineOf({ members, places, spaces }: RawObject, ids: readonly string[]): string {
  const texts: string[] = [];
  for (let index = 0; index <= members.length; index += 1) {
    for (const [number, place] of places.entries()) {
      if (place.index === index) texts.push(`${place.key}${place.colon}${ids[number]}`);
    }
    if (index < members.length) texts.push(members[index] as string);
  }
  const inner = texts.map((one, index) => `${spaces[2 * index]}${one}${spaces[2 * index + 1]}`).join(',');
  return `${spaces.at(-2)}{${inner}}${spaces.at(-1)}`;
}

function spaced(parts: readonly string[], begin: string, end: string): RawText {
  return fc
    .array(space, { minLength: parts.length + 1, maxLength: parts.length + 1 })
    .map((spaces) => `${begin}${spaces.at(-1)}${parts.map((part, index) => part + spaces[index]).join(',')}${end}`);
}

function unescaped(raw: string): string {
  return JSON.stringify(JSON.parse(raw));
}
