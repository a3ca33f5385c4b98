import { createActor } from 'xstate';
import { type ConnectionActor, type ConnectionInput, connectionMachine } from '../../machines/index.js';
import type { Clock } from '../contract/index.js';
import type { Inspect } from '../observe/inspect.js';
import { machineClockOf } from '../schedule/machine-clock.js';
import { type HeartbeatPort, heartbeatLogic } from './heartbeat.js';
import { type LinkPort, linkLogic } from './link.js';

/** What a connection's actors need of it. */
export type ActorPorts = LinkPort & HeartbeatPort;

/**
 * Creates the machines of a pool's connections, and finds a connection by its name.
 *
 * The chart with its actors is provided once, because providing copies the chart. So the actors find their connection
 * by name.
 */
export class ConnectionMachines<TConnection extends ActorPorts> {
  readonly #connections = new Map<string, TConnection>();
  readonly #machine = connectionMachine.provide({
    actors: {
      link: linkLogic((name) => this.#connections.get(name) as TConnection),
      heartbeat: heartbeatLogic((name) => this.#connections.get(name) as TConnection),
    },
  });
  readonly #clock: ReturnType<typeof machineClockOf>;
  readonly #inspect: Inspect | undefined;

  /** @param inspect - Receives the inspection events of the machines. */
  constructor(clock: Clock, inspect: Inspect | undefined) {
    this.#clock = machineClockOf(clock);
    this.#inspect = inspect;
  }

  /** Returns the machine of a new connection, not started. */
  create(connection: TConnection, input: ConnectionInput): ConnectionActor {
    const name = input.connection;
    this.#connections.set(name, connection);
    return createActor(this.#machine, { id: name, systemId: name, clock: this.#clock, inspect: this.#inspect, input });
  }

  get(name: string): TConnection | undefined {
    return this.#connections.get(name);
  }

  /** Returns an unused name: a CI that was removed may still drain under the same name. */
  freeName(ci: string, number: number): string {
    let free = number;
    while (this.#connections.has(`${ci}#${free}`)) free += 1;
    return `${ci}#${free}`;
  }

  forget(name: string): void {
    this.#connections.delete(name);
  }
}
