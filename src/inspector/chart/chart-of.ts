import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ChartEdge, ChartNode } from '../feed/records.js';
import { transitionsOf } from './walk-machine.js';

/**
 * A machine as plain data, by walking its own root: what is drawn cannot differ from what runs.
 *
 * `toDirectedGraph` of xstate leaves `always` out; this does not.
 */
export function chartOf(machine: AnyStateMachine): ChartNode {
  return nodeOf(machine.root);
}

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
    entry: node.entry.flatMap(nameOf),
    exit: node.exit.flatMap(nameOf),
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

/** The name of an action or a guard; none for a function without one. */
function nameOf(named: unknown): string[] {
  if (typeof named === 'string') return [named];
  const { type } = (named ?? {}) as { readonly type?: unknown };
  if (typeof type === 'string') return [type];
  return typeof named === 'function' && named.name !== '' ? [named.name] : [];
}
