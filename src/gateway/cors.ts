import type { ServerResponse } from 'node:http';

/** The headers that clients of the gateway's protocols send. */
const SENT = [
  'authorization',
  'content-type',
  'x-api-key',
  'api-key',
  'mcp-protocol-version',
  'mcp-session-id',
  'last-event-id',
  'a2a-version',
  'a2a-extensions',
  // Those by which the clients of OpenAI describe themselves.
  'user-agent',
  'openai-organization',
  'openai-project',
  ...[
    'arch',
    'async',
    'helper-method',
    'lang',
    'os',
    'package-version',
    'poll-helper',
    'retry-count',
    'runtime',
    'runtime-version',
    'timeout',
  ].map((name) => `x-stainless-${name}`),
].join(', ');

/** Lets a page of this origin read the answer. It gets no cookies, because the gateway has none. */
export function setCors(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
  response.setHeader('access-control-allow-headers', SENT);
  response.setHeader('access-control-expose-headers', 'mcp-session-id, retry-after, x-should-retry');
  response.setHeader('access-control-max-age', '600');
}
