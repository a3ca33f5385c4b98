import type { Pool, PoolOptions } from './contract/index.js';
import { guardInspection } from './observe/inspect.js';
import { openLog } from './observe/log.js';
import { readPoolOptions } from './pool/options.js';
import { ActorPool } from './pool/pool.js';
import { systemClock } from './schedule/system-clock.js';
import { ollamaTransport } from './transport/ollama/ollama-transport.js';
import { openAiTransport } from './transport/openai/openai-transport.js';
import { tcpTransport } from './transport/tcp/tcp-transport.js';
import { webSocketTransport } from './transport/websocket/websocket-transport.js';

const webSocket = webSocketTransport();
const openAi = openAiTransport();
/** By the scheme of a CI's URL. */
const wires = {
  tcp: tcpTransport,
  tls: tcpTransport,
  unix: tcpTransport,
  ws: webSocket,
  wss: webSocket,
  ollama: ollamaTransport,
  'ollama+https': ollamaTransport,
  'openai+http': openAi,
  'openai+https': openAi,
};

/**
 * Makes a pool. Opens no socket and starts no timer: the first subscription does.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what is accepted.
 *
 * @example
 * ```ts
 * await using pool = createPool({ cis: { apollo: 'tcp://localhost:45012' } });
 * pool.ask('apollo', 'What patterns do you see?').subscribe((reply) => console.log(reply.content));
 * ```
 */
export function createPool(options: PoolOptions = {}): Pool {
  const settings = readPoolOptions(options);
  const { transports, clock = systemClock, random = Math.random, inspect } = settings;
  const logger = openLog(settings.logger);
  return new ActorPool(settings, {
    transports: { ...wires, ...transports },
    clock,
    random,
    logger,
    inspect: inspect === undefined ? undefined : guardInspection(inspect, logger),
  });
}
