import { type EventObject, fromEventObservable, type NonReducibleUnknown } from 'xstate';

/** Returns a placeholder for actor logic that `machine.provide()` replaces: a machine is pure and does no IO. */
export function unprovided<TEvent extends EventObject, TInput extends NonReducibleUnknown>(name: string) {
  return fromEventObservable<TEvent, TInput>(() => {
    throw new Error(`provide the "${name}" actor: machine.provide({ actors: { ${name} } })`);
  });
}
