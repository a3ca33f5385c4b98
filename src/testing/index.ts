export {
  type DeliveryClock,
  type MemoryPeer,
  type MemoryTransport,
  type MemoryTransportOptions,
  memoryTransport,
} from '../transport/memory/index.js';
export type { EchoOptions } from './echo-options.js';
export { type AnswerWith, faults, type LateScript } from './faults/index.js';
export { ManualClock } from './manual-clock.js';
export { type RequestScript, type Script, type ScriptedCi, type ScriptedCiOptions, scriptedCi } from './scripted-ci.js';
export type { ScriptedConnection, ScriptedRequest } from './scripted-connection.js';
