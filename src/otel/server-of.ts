import type { Attributes } from '@opentelemetry/api';

/** What an address says about a CI. */
export interface ServerFacts {
  /** `gen_ai.provider.name`: the API that the CI speaks. */
  readonly provider: string;
  /** The model that the address names; undefined for a CI that is no model server. */
  readonly model: string | undefined;
  /** `server.address` and `server.port`. */
  readonly server: Attributes;
}

/** By scheme, the ports that an address may leave out. */
const defaultPorts: Readonly<Record<string, number>> = {
  ws: 80,
  wss: 443,
  ollama: 11_434,
  'ollama+https': 443,
  'openai+http': 80,
  'openai+https': 443,
};

/** Largest number of addresses whose facts are kept. */
const MOST_KEPT = 10_000;
const kept = new Map<string, ServerFacts>();

/** Returns the facts of an address, such as `ollama://localhost:11434/llama3.2`. Never throws. */
export function serverOf(url: string): ServerFacts {
  const known = kept.get(url);
  if (known !== undefined) return known;
  const facts = factsOf(url);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(url, facts);
  return facts;
}

function factsOf(url: string): ServerFacts {
  const [, scheme = '', path] = /^(unix):(?:\/\/(?=\/))?(.*)$/s.exec(url) ?? [];
  if (scheme === 'unix') return { provider: 'choragus', model: undefined, server: { 'server.address': path } };
  const pattern = /^([a-z][a-z\d+.-]*):\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?(?:\/([^?#]*))?/;
  const [, wire = '', host = '', port, model = ''] = pattern.exec(url) ?? [];
  const provider = /^(ollama|openai)\b/.exec(wire)?.[1];
  const number = port === undefined ? defaultPorts[wire] : Number(port);
  return {
    provider: provider ?? 'choragus',
    model: provider === undefined || model === '' ? undefined : decoded(model),
    server: {
      ...(host === '' ? {} : { 'server.address': host.replace(/^\[(.*)\]$/, '$1') }),
      ...(number === undefined ? {} : { 'server.port': number }),
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
