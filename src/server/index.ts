export type { CiRequest } from './ci-request.js';
export type { ListenOptions, ServerTlsOptions, SocketListenOptions, WebSocketServing } from './listen-options.js';
export type { CiHandler, Correlation, ServeCiOptions, Streaming } from './options.js';
export { type CiServer, serveCi } from './serve-ci.js';
