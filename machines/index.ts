export {
  type ConnectionActor,
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionInput,
  connectionMachine,
  type LinkRecord,
  type StateEntered,
} from './connection.machine.js';
export { type OrderingEvent, type OrderingSnapshot, orderingMachine } from './ordering.machine.js';
export {
  type PoolActor,
  type PoolContext,
  type PoolEmitted,
  type PoolEvent,
  type PoolInput,
  poolMachine,
} from './pool.machine.js';
