import { createTektonClient } from './create-tekton-client.js';
import { readEnvironment } from './environment.js';
import { getPool } from './get-pool.js';
import type { TektonClient } from './tekton-client.js';

// Opens nothing yet: the first call creates the pool from the environment.
const client = /* @__PURE__ */ createTektonClient({
  pool: getPool,
  directOptions: () => readEnvironment(process.env),
});

/** Sends a message to the CI at an address, through {@link getPool}. @see {@link TektonClient.sendMessage} */
export const sendMessage: TektonClient['sendMessage'] = client.sendMessage;
/** Sends a message to a CI by name, through {@link getPool}. @see {@link TektonClient.sendToAi} */
export const sendToAi: TektonClient['sendToAi'] = client.sendToAi;
/** Sends a message to all CIs of {@link getPool}. @see {@link TektonClient.sendToAll} */
export const sendToAll: TektonClient['sendToAll'] = client.sendToAll;
/** Returns true if the CI at an address answers a ping, through {@link getPool}. @see {@link TektonClient.ping} */
export const ping: TektonClient['ping'] = client.ping;
/** Streams the text of an answer, through {@link getPool}. @see {@link TektonClient.streamMessage} */
export const streamMessage: TektonClient['streamMessage'] = client.streamMessage;
