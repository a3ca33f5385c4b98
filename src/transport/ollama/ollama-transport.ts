import { check, optionsOf } from '../../checks/index.js';
import type { Transport } from '../../contract/index.js';
import { httpTransport, type ReadOrigin } from '../http/http-transport.js';
import { readModelAddress } from '../http/model-address.js';
import {
  type ModelServerOptions,
  mannersOf,
  modelServerOptions,
  modelServerSecrets,
} from '../http/model-server-options.js';
import { bodyOf, errorOfValue, read } from './ollama-dialect.js';

const schemes = { ollama: ['http', 11_434], 'ollama+https': ['https', 443] } as const;

/** Configures {@link ollamaTransport}. */
export interface OllamaOptions extends ModelServerOptions {}

const schema = optionsOf(modelServerOptions);

/** Returns the transport with options. */
function withOptions(given: OllamaOptions = {}): Transport {
  const options = check(schema, given, { of: 'ollamaTransport', secrets: modelServerSecrets });
  const readOrigin: ReadOrigin = (target) => {
    const address = readModelAddress(target, schemes);
    const { model } = address;
    return {
      ...mannersOf(options, target),
      address,
      target,
      dialect: {
        model,
        probePath: '/api/version',
        chatPath: '/api/chat',
        keyPlace: "the CI's apiKey, or ollamaTransport({ apiKey })",
        countsWhenAsked: false,
        bodyOf: (chat) => bodyOf(model, chat),
        read,
        errorIn: errorOfValue,
      },
    };
  };
  return httpTransport('ollamaTransport', readOrigin);
}

/**
 * Connects to a model of an Ollama daemon, over Ollama's own API. `createPool` uses it for `ollama:` and
 * `ollama+https:`. Needs the package `undici`.
 *
 * It is a transport; called with options, it returns a transport with those options. A bad option throws a
 * ChoragusError, `invalid_config`, that names it.
 *
 * @example
 * ```ts
 * const pool = createPool({
 *   cis: { muse: 'ollama://localhost:11434/llama3.2' },
 *   transports: { ollama: ollamaTransport({ headers: { 'x-tenant': 'blue' } }) },
 * });
 * ```
 *
 * @see `docs/transports/ollama.md`
 */
export const ollamaTransport: Transport & ((options?: OllamaOptions) => Transport) = Object.assign(
  withOptions,
  withOptions(),
);
