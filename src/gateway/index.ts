export type { Dialect } from './dialect.js';
export { gatewayHandler } from './gateway-handler.js';
export type { GatewayHandlerOptions, GatewayOptions } from './options.js';
export { type GatewayServer, serveGateway } from './serve-gateway.js';
export type { KeyRights } from './settings.js';
