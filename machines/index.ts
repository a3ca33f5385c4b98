export { type ConnectionActor, connectionMachine } from './connection.machine.js';
export type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  LinkRecord,
  StateEntered,
  Successor,
} from './connection-setup.js';
export { type OrderingEvent, type OrderingSnapshot, orderingMachine } from './ordering.machine.js';
export {
  type PoolActor,
  type PoolContext,
  type PoolEmitted,
  type PoolEvent,
  type PoolInput,
  poolMachine,
} from './pool.machine.js';
