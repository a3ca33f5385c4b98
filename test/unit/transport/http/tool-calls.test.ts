import { describe, expect, test } from 'vitest';
import { ToolCalls } from '../../../../src/transport/http/tool-calls.js';

function callsOf(pieces: readonly unknown[]): { calls: ToolCalls; told: unknown[] } {
  const calls = new ToolCalls();
  return { calls, told: pieces.map((piece) => calls.add(piece)) };
}

const see = (rest: object, index?: unknown) => ({ ...(index === undefined ? {} : { index }), ...rest });
const named = (name: string, text?: unknown) => ({
  type: 'function',
  function: { name, ...(text === undefined ? {} : { arguments: text }) },
});
const more = (text: unknown) => ({ function: { arguments: text } });

describe('pieces of tool calls become whole calls', () => {
  test.each<[what: string, pieces: readonly unknown[], frames: readonly object[]]>([
    [
      'OpenAI: by index, with the id and the name in the first piece',
      [see({ id: 'a', ...named('see', '') }, 0), see(more('{"x"'), 0), see(more(':1}'), 0)],
      [{ id: 'a', name: 'see', arguments: '{"x":1}' }],
    ],
    [
      'two calls whose pieces alternate',
      [
        see({ id: 'a', ...named('see') }, 0),
        see({ id: 'b', ...named('hear') }, 1),
        see(more('{"x":'), 0),
        see(more('{"y":'), 1),
        see(more('1}'), 0),
        see(more('2}'), 1),
      ],
      [
        { id: 'a', name: 'see', arguments: '{"x":1}' },
        { id: 'b', name: 'hear', arguments: '{"y":2}' },
      ],
    ],
    [
      'in the order of arrival, for any indices',
      [see({ id: 'b', ...named('hear', '{}') }, 1), see({ id: 'a', ...named('see', '{}') }, 0)],
      [
        { id: 'b', name: 'hear', arguments: '{}' },
        { id: 'a', name: 'see', arguments: '{}' },
      ],
    ],
    [
      'the id and the name in every piece',
      [see({ id: 'a', ...named('see', '{"x"') }, 0), see({ id: 'a', ...named('see', ':1}') }, 0)],
      [{ id: 'a', name: 'see', arguments: '{"x":1}' }],
    ],
    [
      'all under index 0, each with an id: pieces without an id belong to the last call',
      [
        see({ id: 'a', ...named('see', '{"x"') }, 0),
        see(more(':1}'), 0),
        see({ id: 'b', ...named('hear', '{"y"') }, 0),
        see(more(':2}'), 0),
      ],
      [
        { id: 'a', name: 'see', arguments: '{"x":1}' },
        { id: 'b', name: 'hear', arguments: '{"y":2}' },
      ],
    ],
    [
      'without an index: a new id begins another call',
      [
        { id: 'a', ...named('see', '{"x"') },
        more(':1}'),
        { id: 'b', ...named('hear', '{}') },
        { id: 'a', ...more('') },
      ],
      [
        { id: 'a', name: 'see', arguments: '{"x":1}' },
        { id: 'b', name: 'hear', arguments: '{}' },
      ],
    ],
    [
      'without an index and without ids: a name begins another call',
      [named('see', '{"x"'), more(':1}'), named('see', '{"x":2}')],
      [
        { id: undefined, name: 'see', arguments: '{"x":1}' },
        { id: undefined, name: 'see', arguments: '{"x":2}' },
      ],
    ],
    [
      'an index of null counts as none',
      [see(named('see', '{}'), null), see(named('hear', '{}'), null)],
      [
        { id: undefined, name: 'see', arguments: '{}' },
        { id: undefined, name: 'hear', arguments: '{}' },
      ],
    ],
    [
      'Ollama: arguments as an object, the index within the function',
      [
        { function: { index: 0, name: 'see', arguments: { x: 1 } } },
        { function: { index: 1, name: 'hear', arguments: {} } },
      ],
      [
        { id: undefined, name: 'see', arguments: '{"x":1}' },
        { id: undefined, name: 'hear', arguments: '{}' },
      ],
    ],
    [
      'a whole call under the index of another, without ids',
      [see(named('see', '{"x":1}'), 0), see(named('hear', '{"y":2}'), 0)],
      [
        { id: undefined, name: 'see', arguments: '{"x":1}' },
        { id: undefined, name: 'hear', arguments: '{"y":2}' },
      ],
    ],
    [
      'the old function_call: the name and the arguments, without a function',
      [
        { index: 'function_call', name: 'see', arguments: '' },
        { index: 'function_call', arguments: '{"x":1}' },
      ],
      [{ id: undefined, name: 'see', arguments: '{"x":1}' }],
    ],
    [
      'the name after the arguments, and an empty id',
      [see({ id: '', ...more('{}') }, 0), see({ id: 'a', ...named('see') }, 0)],
      [{ id: 'a', name: 'see', arguments: '{}' }],
    ],
    [
      'a call without arguments',
      [see({ id: 'a', ...named('now', null) }, 0)],
      [{ id: 'a', name: 'now', arguments: '' }],
    ],
    ['arguments that are no JSON', [named('see', '{"x":')], [{ id: undefined, name: 'see', arguments: '{"x":' }]],
    ['a value without a tool name and arguments', [{}, { id: 'a' }, see({ id: 'b', function: {} }, 3)], []],
    ['a value that is no call', [null, undefined, 'see', 7, []], []],
  ])('%s', (_what, pieces, frames) => {
    const { calls } = callsOf(pieces);
    expect(calls.frames()).toEqual(frames);
    expect(calls.isEmpty).toBe(frames.length === 0);
  });
});

describe('names the call of each piece', () => {
  test('by the order of the calls, with what is known so far', () => {
    const { told } = callsOf([
      see(more('{'), 7),
      see({ id: 'a', ...named('see', '}') }, 7),
      see({ id: 'b', ...named('hear', { y: 1 }) }, 3),
      see(more(' '), 7),
    ]);
    expect(told).toEqual([
      { call: { index: 0 }, text: '{' },
      { call: { index: 0, id: 'a', name: 'see' }, text: '}' },
      { call: { index: 1, id: 'b', name: 'hear' }, text: '{"y":1}' },
      { call: { index: 0, id: 'a', name: 'see' }, text: ' ' },
    ]);
  });

  test('ignores a value that is no call', () => {
    expect(callsOf([null, 'see', 7, []]).told).toEqual([undefined, undefined, undefined, undefined]);
  });
});
