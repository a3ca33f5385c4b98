import { describe, expect, test } from 'vitest';
import { connectionMachine, orderingMachine, poolMachine } from '../../../machines/index.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';

const machines = [
  ['connection', connectionMachine],
  ['ordering', orderingMachine],
  ['pool', poolMachine],
] as const;

/** Where a chart may hold a function: it maps an event or the input to data, and decides nothing. */
const mappers = new Set(['params', 'input', 'context']);

/** Returns the paths of a chart that hold a function which is no mapper. */
function inlineFunctions(config: unknown, path: readonly string[] = []): string[] {
  if (typeof config === 'function') return mappers.has(path.at(-1) ?? '') ? [] : [path.join('.')];
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) => inlineFunctions(value, [...path, key]));
}

/** Returns all values under a key anywhere in a chart, with lists flattened. */
function valuesUnder(keys: readonly string[], config: unknown): unknown[] {
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) =>
    keys.includes(key) ? [value].flat() : valuesUnder(keys, value),
  );
}

describe.each(machines)('the %s machine', (_name, machine) => {
  const states = statesOf(machine);

  test('describes every state', () => {
    expect(states.filter(({ description }) => !description).map(({ id }) => id)).toEqual([]);
  });

  test('describes every transition, by event, by delay and by the end of an actor', () => {
    const silent = states
      .flatMap(transitionsOf)
      .filter(({ description }) => !description)
      .map(({ source, eventType }) => `${source.id}: ${eventType}`);
    expect(silent).toEqual([]);
  });

  test('handles the failure of every actor that it invokes', () => {
    const unhandled = states.flatMap((node) =>
      node.invoke
        .filter(({ id }) => !node.transitions.has(`xstate.error.actor.${id}`))
        .map(({ id }) => `${node.id}: ${id}`),
    );
    expect(unhandled).toEqual([]);
  });

  test('has no inline functions except those that map to data', () => {
    expect(inlineFunctions(machine.config)).toEqual([]);
  });

  test('names all its actions, guards, delays and actors, and implements each name', () => {
    const { actions, guards, actors, delays } = machine.implementations;
    const named = (value: unknown) => (typeof value === 'string' ? value : (value as { readonly type: string }).type);
    const names = (...keys: string[]) => valuesUnder(keys, machine.config).map(named);
    expect(Object.keys(actions)).toEqual(expect.arrayContaining(names('actions', 'entry', 'exit')));
    expect(Object.keys(guards)).toEqual(expect.arrayContaining(names('guard')));
    const sources = states.flatMap((node) => node.invoke.map(({ src }) => src));
    expect(Object.keys(actors)).toEqual(expect.arrayContaining(sources));
    const waits = states.flatMap((node) => node.after.map(({ delay }) => delay));
    expect(Object.keys(delays)).toEqual(expect.arrayContaining(waits));
  });

  test('implements nothing that it does not use', () => {
    const text = JSON.stringify(machine.config, (_key, value) => (typeof value === 'function' ? undefined : value));
    const { actions, guards, actors, delays } = machine.implementations;
    const unused = [actions, guards, actors, delays].flatMap(Object.keys).filter((name) => !text.includes(`"${name}"`));
    expect(unused).toEqual([]);
  });
});
