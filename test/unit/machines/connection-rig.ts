import { Observable, type Subscriber } from 'rxjs';
import { createActor, fromEventObservable, SimulatedClock } from 'xstate';
import {
  type ConnectionActor,
  type ConnectionEvent,
  type ConnectionInput,
  connectionMachine,
  type StateEntered,
} from '../../../machines/index.js';

/** One subscription of a scripted actor. */
export interface Run<TInput> {
  readonly input: TInput;
  isOpen: boolean;
  next(event: ConnectionEvent): void;
  error(error: unknown): void;
}

/** Actor logic that does nothing by itself: the test speaks for it, and sees when it begins and ends. */
function scripted<TInput>() {
  const runs: Run<TInput>[] = [];
  const logic = fromEventObservable<ConnectionEvent, TInput & object>(
    ({ input }) =>
      new Observable((subscriber: Subscriber<ConnectionEvent>) => {
        const run: Run<TInput> = {
          input,
          isOpen: true,
          next: (event) => subscriber.next(event),
          error: (error) => subscriber.error(error),
        };
        runs.push(run);
        return () => {
          run.isOpen = false;
        };
      }),
  );
  return { logic, runs };
}

/** A running connection whose link and heartbeat are in the test's hand, in simulated time. */
export interface Rig {
  readonly actor: ConnectionActor;
  readonly clock: SimulatedClock;
  readonly emitted: readonly StateEntered[];
  readonly links: readonly Run<{ readonly connection: string }>[];
  readonly heartbeats: readonly Run<{ readonly connection: string; readonly pace: 'calm' | 'urgent' }>[];
  /** How many links are open now. */
  openLinks(): number;
  openHeartbeats(): number;
}

/** Starts a connection with scripted actors. */
export function startConnection(input: ConnectionInput): Rig {
  const link = scripted<{ readonly connection: string }>();
  const heartbeat = scripted<{ readonly connection: string; readonly pace: 'calm' | 'urgent' }>();
  const clock = new SimulatedClock();
  const machine = connectionMachine.provide({ actors: { link: link.logic, heartbeat: heartbeat.logic } });
  const actor = createActor(machine, { input, clock });
  const emitted: StateEntered[] = [];
  actor.on('state.entered', (event) => emitted.push(event));
  actor.start();
  const open = (runs: readonly { readonly isOpen: boolean }[]) => runs.filter(({ isOpen }) => isOpen).length;
  return {
    actor,
    clock,
    emitted,
    links: link.runs,
    heartbeats: heartbeat.runs,
    openLinks: () => open(link.runs),
    openHeartbeats: () => open(heartbeat.runs),
  };
}
