import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** All states of a machine, its root first, each before its children. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const walk = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(walk)];
  return walk(machine.root);
}

/** Returns all transitions of a state: by event, by delay, by the end of an actor, and `always`. */
export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  // xstate's own toDirectedGraph leaves `always` out, and so do the transitions by event.
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** What triggers a transition. */
export function eventOf(transition: AnyTransitionDefinition & { readonly delay?: unknown }): string {
  const { eventType } = transition;
  if (eventType === '') return 'always';
  if (transition.delay !== undefined) return `after ${transition.delay}`;
  const [, ending, actor] = /^xstate\.(error|done)\.(?:actor|state)\.(.*)$/.exec(eventType) ?? [];
  if (ending === undefined) return eventType;
  return `${ending === 'error' ? 'onError' : 'onDone'} ${actor}`;
}

/** The guard's name; `else` for the unguarded transition after guarded ones of the same event. */
export function guardOf(node: AnyStateNode, transition: AnyTransitionDefinition): string {
  if (transition.guard !== undefined) return nameOf(transition.guard);
  const same = transitionsOf(node).filter((other) => other.eventType === transition.eventType);
  return same.indexOf(transition) > 0 ? 'else' : '';
}

/** The name of a guard or an action; `inline` for a function. */
export function nameOf(named: unknown): string {
  return typeof named === 'string' ? named : String((named as { readonly type?: unknown }).type ?? 'inline');
}
