import { connectionMachine } from '../../machines/index.js';
import { type HeartbeatPort, heartbeatLogic } from './heartbeat.js';
import { type LinkPort, linkLogic } from './link.js';

export { systemClock } from '../schedule/system-clock.js';
export type { HeartbeatPort } from './heartbeat.js';
export type { LinkPort } from './link.js';

/** The connection machine with the actors that do its IO; made once for a pool, since providing copies the chart. */
export function provideConnection(portOf: (connection: string) => LinkPort & HeartbeatPort) {
  return connectionMachine.provide({
    actors: { link: linkLogic(portOf), heartbeat: heartbeatLogic(portOf) },
  });
}
