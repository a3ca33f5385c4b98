import {
  type OllamaOptions,
  type OpenAiOptions,
  ollamaTransport,
  openAiTransport,
  type Target,
  type WebSocketOptions,
  webSocketTransport,
} from '../../../src/index.js';
import { type MemoryTransportOptions, memoryTransport } from '../../../src/testing/index.js';
import { anyFunction, emptyList, emptyRecord, flag, type Kind, none, optional, textLike, time } from './kinds.js';
import { optionRows, optionsRows, type Row } from './row.js';

type Kinds<T> = Readonly<Record<keyof T, Kind>>;

const key = optional(textLike(/^[\x21-\x7e]*$/));

const ollama: Kinds<OllamaOptions> = {
  apiKey: key,
  headers: optional(emptyRecord),
  probe: optional(textLike(/^(?:connect|path|\/[\x21-\x7e]*)$/)),
  finishGraceMs: optional(time),
};
const openAi: Kinds<OpenAiOptions> = { ...ollama, maxTokensField: optional(textLike(/^\w+$/)) };
const webSocket: Kinds<WebSocketOptions> = {
  headers: optional(emptyRecord),
  protocols: optional(emptyList),
  perMessageDeflate: optional(flag),
};
const memory: Kinds<MemoryTransportOptions> = { clock: optional() };

const whole = optional(emptyRecord);
const headerValue = textLike(/^[\t\x20-\x7e\x80-\xff]*$/);
const withHeaders = { openAiTransport, ollamaTransport, webSocketTransport };

/** The settings of a CI that a transport gets: from the pool, and from a wrapping transport. */
const targets = {
  openAiTransport: { transport: openAiTransport(), url: 'openai+http://localhost:1/model' },
  ollamaTransport: { transport: ollamaTransport, url: 'ollama://localhost:1/model' },
  webSocketTransport: { transport: webSocketTransport(), url: 'ws://localhost:1' },
  memoryTransport: { transport: memoryTransport(), url: 'memory://apollo' },
} as const;

function targetRows(): readonly Row[] {
  return Object.entries(targets).flatMap(([of, { transport, url }]) => [
    { of, names: 'target', right: none, act: (value: unknown) => transport.prepare(value as Target) },
    ...optionRows(
      of,
      (target) => transport.prepare(target),
      { ci: (value) => typeof value === 'string', url: none, maxReplyBytes: (value) => Number(value) >= 1 },
      () => ({ ci: 'apollo', url, maxReplyBytes: 1_000 }),
    ),
  ]);
}

export const rowsOfTransports: readonly Row[] = [
  ...optionsRows('openAiTransport', openAiTransport, whole, openAi),
  ...optionsRows('ollamaTransport', ollamaTransport, whole, ollama),
  ...optionsRows('webSocketTransport', webSocketTransport, whole, webSocket),
  ...optionsRows('memoryTransport', memoryTransport, whole, memory),
  ...Object.entries(withHeaders).map(
    ([of, make]): Row => ({
      of,
      names: 'headers',
      right: headerValue,
      act: (value) => make({ headers: { 'x-tenant': value as string } }),
    }),
  ),
  {
    of: 'webSocketTransport',
    names: 'protocols',
    right: textLike(/^[\w!#$%&'*+.^`|~-]+$/),
    act: (value) => webSocketTransport({ protocols: [value as string] }),
  },
  ...targetRows(),
  {
    of: 'wire.listen',
    names: 'name',
    right: textLike(/^[\w.-]+$/),
    act: (value, { wire }) => wire.listen(value as string, () => {}),
  },
  {
    of: 'wire.listen',
    names: 'onPeer',
    right: anyFunction,
    act: (value, { wire }) => wire.listen('hermes', value as never),
  },
  {
    of: 'wire.hangs',
    names: 'name',
    right: textLike(/^[\w.-]+$/),
    act: (value, { wire }) => wire.hangs(value as string),
  },
  { of: 'wire.prepare', names: 'target', right: none, act: (value, { wire }) => wire.prepare(value as never) },
];
