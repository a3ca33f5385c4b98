/** A user's class: its instances are no plain objects, with any fields. */
class Thing {
  readonly size = 1;
}

/** Throws at every access. */
function throwingProxy(): unknown {
  const boom = (): never => {
    throw new TypeError('a trap of a proxy');
  };
  const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set', 'defineProperty'];
  return new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, boom])));
}

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwingGetter(): unknown {
  return {
    get unknown(): never {
      throw new TypeError('a getter');
    },
  };
}

/** Values of all kinds, by name. Each is wrong for most arguments; a row lists the values that are right for its own. */
export const values: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  '0': () => 0,
  '-1': () => -1,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  '-Infinity': () => Number.NEGATIVE_INFINITY,
  '1.5': () => 1.5,
  '2 ** 53': () => 2 ** 53,
  'a bigint': () => 10n,
  'an empty text': () => '',
  'a text': () => 'x',
  'a text of a number': () => '5',
  'a text with a line end': () => 'one\ntwo',
  'a long text': () => 'x'.repeat(1_000),
  'a symbol': () => Symbol('x'),
  'an empty list': () => [],
  'a list of null': () => [null],
  'a list of lists': () => [[]],
  'an empty object': () => ({}),
  'an empty object without a prototype': () => Object.create(null),
  'a frozen object with an unknown field': () => Object.freeze({ unknown: 1 }),
  'an object with a field named __proto__': () => JSON.parse('{"__proto__":{"size":1}}'),
  'an object with inherited fields': () => Object.create({ unknown: 1 }),
  'a Map': () => new Map([['unknown', 1]]),
  'a Set': () => new Set(['unknown']),
  'a Date': () => new Date(0),
  'a RegExp': () => /x/,
  'an Error': () => new Error('x'),
  'a promise': () => Promise.resolve({}),
  'bytes (Uint8Array)': () => new Uint8Array(2),
  'a String object': () => new String('x'),
  'an instance of a class': () => new Thing(),
  'a class': () => Thing,
  'a function': () => () => undefined,
  'a proxy that throws': throwingProxy,
  'a proxy that was revoked': revokedProxy,
  'a getter that throws': throwingGetter,
};
