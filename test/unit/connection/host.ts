import { type AnyActorLogic, createActor, setup } from 'xstate';
import type { ConnectionEvent } from '../../../machines/index.js';

/** An actor under test, in a parent that only listens. Like the connection machine, the parent is asleep until started. */
export interface Host {
  /** The events the actor sent to its parent, in order. */
  readonly events: ConnectionEvent[];
  /** The errors that ended it. */
  readonly errors: unknown[];
  start(): void;
  /** Leaves the state that invokes the actor. */
  stop(): void;
}

/** Runs `logic` as an invoked actor. `stopOn` leaves its state at the first event of that type, as a transition does. */
export function hostOf<TInput>(logic: AnyActorLogic, input: TInput, stopOn?: ConnectionEvent['type']): Host {
  const events: ConnectionEvent[] = [];
  const errors: unknown[] = [];
  const machine = setup({
    actors: { tested: logic },
    actions: {
      note: ({ event }) => {
        events.push(event as ConnectionEvent);
      },
      noteError: ({ event }) => {
        errors.push((event as unknown as { readonly error: unknown }).error);
      },
    },
    guards: { isTheEnd: ({ event }) => event.type === stopOn },
  }).createMachine({
    initial: 'asleep',
    states: {
      asleep: { on: { start: 'running' } },
      running: {
        invoke: { src: 'tested', input: () => input, onError: { actions: 'noteError' } },
        on: { stop: 'over', '*': [{ guard: 'isTheEnd', target: 'over', actions: 'note' }, { actions: 'note' }] },
      },
      over: { on: { stop: {}, '*': { actions: 'note' } } },
    },
  });
  const actor = createActor(machine).start();
  return {
    events,
    errors,
    start: () => actor.send({ type: 'start' }),
    stop: () => actor.send({ type: 'stop' }),
  };
}
