export { createTektonClient } from './create-tekton-client.js';
export { readEnvironment } from './environment.js';
export { getPool } from './get-pool.js';
export { ping, sendMessage, sendToAi, sendToAll, streamMessage } from './process-client.js';
export type { TektonFailure, TektonResult, TektonSuccess } from './result.js';
export type { SendOptions, TimeoutOption } from './send-options.js';
export type { Environment } from './setting.js';
export type { TektonClient, TektonClientOptions } from './tekton-client.js';
