import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { connectionMachine, orderingMachine, poolMachine } from '../../../../machines/index.js';
import { chartOf, chartOfDefinition } from '../../../../src/inspector/chart/chart-of.js';
import type { ChartEdge, ChartNode } from '../../../../src/inspector/feed/records.js';
import { transitionsOf } from '../../../support/walk-machine.js';

describe('the chart of a machine', () => {
  test.each<[string, AnyStateMachine]>([
    ['connection', connectionMachine],
    ['ordering', orderingMachine],
    ['pool', poolMachine],
  ])('%s: the chart read from its definition is the one that runs', (_name, machine) => {
    expect(chartOf(machine)).toEqual(nodeOf(machine.root));
  });
});

describe('the chart of a definition', () => {
  test.each([undefined, null, 7, '', 'x', '{}', [], { states: 7 }])('%j is no chart', (definition) => {
    expect(chartOfDefinition(definition)).toBeUndefined();
  });

  test('malformed parts are left out', () => {
    const chart = chartOfDefinition({
      id: 'odd',
      initial: 7,
      states: {
        a: {
          on: { go: [{ target: 'b', guard: {} }, { target: 9 }, null], stay: undefined },
          tags: [1, 'x'],
          invoke: 'y',
        },
        b: 7,
        c: { always: '#nowhere', entry: [null, { type: 'enter' }], after: { '10': '#odd.a' } },
      },
    });
    expect(chart?.states.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(chart?.states[0]).toMatchObject({ tags: ['x'], invokes: [] });
    expect(chart?.states[1]?.entry).toEqual(['enter']);
    expect(chart?.states[1]?.edges.map(({ event, targets }) => [event, targets])).toEqual([
      ['after 10', ['a']],
      ['always', []],
    ]);
  });

  test('an endless chart is read up to a limit', () => {
    const deep = (levels: number): object => (levels === 0 ? {} : { states: { in: deep(levels - 1) } });
    const depthOf = (node: ChartNode): number => 1 + Math.max(0, ...node.states.map(depthOf));
    expect(depthOf(chartOfDefinition(deep(100)) as ChartNode)).toBe(21);
    const wide = { states: Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`s${i}`, {}])) };
    expect(chartOfDefinition(wide)?.states).toHaveLength(2_000);
  });
});

/** The same, from the states that xstate made of the definition. */
function nodeOf(node: AnyStateNode): ChartNode {
  const initial = node.type === 'compound' ? node.initial.target[0]?.key : undefined;
  return {
    key: node.key,
    id: idOf(node),
    type: node.type,
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: node.tags,
    ...(initial === undefined ? {} : { initial }),
    invokes: node.invoke.map(({ id }) => id),
    entry: node.entry.flatMap(nameOf).filter(isOwn),
    exit: node.exit.flatMap(nameOf).filter(isOwn),
    states: Object.values(node.states).map(nodeOf),
    edges: edgesOf(node),
  };
}

/** The path from the root; the machine's id for the root itself. */
function idOf(node: AnyStateNode): string {
  return node.path.join('.') || node.id;
}

function edgesOf(node: AnyStateNode): ChartEdge[] {
  return transitionsOf(node).map((transition) => edgeOf(node, transition));
}

function edgeOf(node: AnyStateNode, transition: AnyTransitionDefinition & { readonly delay?: unknown }): ChartEdge {
  const [kind, event] = eventOf(transition);
  const [guard] = transition.guard === undefined ? [] : nameOf(transition.guard);
  return {
    event,
    kind,
    source: idOf(node),
    targets: (transition.target ?? []).map(idOf),
    ...(guard === undefined ? {} : { guard }),
    ...(kind === 'after' ? { delay: String(transition.delay) } : {}),
    actions: transition.actions.flatMap(nameOf),
    ...(transition.description === undefined ? {} : { description: transition.description }),
  };
}

function eventOf({
  eventType,
  delay,
}: AnyTransitionDefinition & { readonly delay?: unknown }): readonly [ChartEdge['kind'], string] {
  if (eventType === '') return ['always', 'always'];
  if (delay !== undefined) return ['after', `after ${delay}`];
  const [, ending, actor] = /^xstate\.(error|done)\.(?:actor|state)\.(.*)$/.exec(eventType) ?? [];
  if (ending === undefined) return ['event', eventType];
  return ending === 'error' ? ['error', `error ${actor}`] : ['done', `done ${actor}`];
}

/** The name of an action or a guard; none for a function without a name. */
function nameOf(named: unknown): string[] {
  if (typeof named === 'string') return [named];
  const { type } = (named ?? {}) as { readonly type?: unknown };
  if (typeof type === 'string') return [type];
  return typeof named === 'function' && named.name !== '' ? [named.name] : [];
}

/** xstate starts and stops the timer of a delay with its own actions. */
function isOwn(action: string): boolean {
  return action !== 'xstate.raise' && action !== 'xstate.cancel';
}
