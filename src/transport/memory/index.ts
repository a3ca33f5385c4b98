export type { DeliveryClock } from './delivery-queue.js';
export type { MemoryPeer } from './memory-peer.js';
export { type MemoryTransport, type MemoryTransportOptions, memoryTransport } from './memory-transport.js';
