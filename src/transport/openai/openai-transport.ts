import * as v from 'valibot';
import { check, optionsOf } from '../../checks/index.js';
import type { Target, Transport } from '../../contract/index.js';
import { describeValue, invalidCi } from '../../errors/index.js';
import { httpTransport, type ReadOrigin } from '../http/http-transport.js';
import { type ModelAddress, readModelAddress } from '../http/model-address.js';
import {
  type ModelServerOptions,
  mannersOf,
  modelServerOptions,
  modelServerSecrets,
} from '../http/model-server-options.js';
import { bodyOf, errorOfValue, read } from './openai-dialect.js';

const schemes = { 'openai+http': ['http', 80], 'openai+https': ['https', 443] } as const;

/** The parameters that a CI's URL may have. */
const PARAMETERS = ['base', 'max_tokens_field'];
/** The path of the API, unless the address has another. */
const BASE = '/v1';
/** The name of the token limit, unless the address or the options have another. */
const MAX_TOKENS = 'max_tokens';

/** Configures {@link openAiTransport}. */
export interface OpenAiOptions extends ModelServerOptions {
  /**
   * Sent as `Authorization: Bearer …`; never logged or shown. Default: the variable `OPENAI_API_KEY`, sent over `https`
   * only, so that no listener on a clear-text port gets it.
   */
  readonly apiKey?: string | undefined;
  /**
   * The server's name of the token limit: `max_completion_tokens` for newer models of OpenAI. `?max_tokens_field=` in a
   * CI's URL takes precedence. Default: `max_tokens`.
   */
  readonly maxTokensField?: string | undefined;
}

const schema = optionsOf({
  ...modelServerOptions,
  maxTokensField: v.optional(
    v.message(v.pipe(v.string(), v.regex(/^\w+$/)), 'the name of a field, such as max_completion_tokens'),
  ),
});

/**
 * Connects to a model behind an OpenAI-compatible API: vLLM, llama.cpp's server, LM Studio, hosted ones. `createPool`
 * uses it for `openai+http:` and `openai+https:`; make your own to set its options. Needs the package `undici`.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option. The message holds no secret.
 *
 * @example
 * ```ts
 * const hosted = openAiTransport({ apiKey });
 * const pool = createPool({
 *   cis: { muse: 'openai+https://api.example/gpt-oss-120b' },
 *   transports: { 'openai+https': hosted },
 * });
 * ```
 *
 * @see `docs/transports/openai.md`
 */
export function openAiTransport(given: OpenAiOptions = {}): Transport {
  const options = check(schema, given, { of: 'openAiTransport', secrets: modelServerSecrets });
  const readOrigin: ReadOrigin = (target) => {
    const address = readModelAddress(target, schemes, PARAMETERS);
    const { model, query, wire } = address;
    const base = baseOf(query, target);
    const maxTokensField = maxTokensFieldOf(address, options, target);
    const manners = mannersOf(options, target, wire === 'tls' ? process.env.OPENAI_API_KEY : undefined);
    return {
      ...manners,
      address,
      target,
      dialect: {
        model,
        probePath: `${base}/models`,
        chatPath: `${base}/chat/completions`,
        keyPlace: "the CI's apiKey, openAiTransport({ apiKey }), or for https the variable OPENAI_API_KEY",
        countsWhenAsked: true,
        bodyOf: (chat, usage) => bodyOf(model, maxTokensField, chat, usage),
        read,
        errorIn: errorOfValue,
      },
    };
  };
  return httpTransport('openAiTransport', readOrigin);
}

function baseOf(query: URLSearchParams, { ci }: Target): string {
  const base = query.get('base') ?? BASE;
  if (/^(?:\/[\w.~-]+)*$/.test(base)) return base;
  throw invalidCi(ci, `?base= is ${describeValue(base)}: use a path, such as /openai/v1`);
}

function maxTokensFieldOf({ query }: ModelAddress, options: OpenAiOptions, { ci }: Target): string {
  const field = query.get('max_tokens_field') ?? options.maxTokensField ?? MAX_TOKENS;
  if (/^\w+$/.test(field)) return field;
  throw invalidCi(
    ci,
    `?max_tokens_field= is ${describeValue(field)}: use the name of a field, such as max_completion_tokens`,
  );
}
