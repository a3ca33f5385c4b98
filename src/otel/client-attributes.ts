import type { Attributes } from '@opentelemetry/api';
import type { RequestContext } from '../contract/index.js';
import { serverOf } from './server-of.js';

/** Returns the name of a request's span: its operation, and the model or the CI. */
export function nameOf({ ci, type, url }: RequestContext): string {
  if (type !== 'chat') return `request ${ci}`;
  const { model } = serverOf(url);
  return model === undefined ? `invoke_agent ${ci}` : `chat ${model}`;
}

/**
 * Returns what is known of a request when it begins.
 *
 * @see GenAI semantic conventions, version 1.41.0
 */
export function startAttributes({ ci, type, url, operation, message }: RequestContext): Attributes {
  const { provider, model, server } = serverOf(url);
  const own = { 'choragus.ci': ci, 'choragus.operation': operation, 'choragus.type': type, ...server };
  if (type !== 'chat') return own;
  return known({
    ...own,
    'gen_ai.operation.name': model === undefined ? 'invoke_agent' : 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.agent.name': ci,
    'gen_ai.request.model': model,
    ...(operation === 'stream' ? { 'gen_ai.request.stream': true } : {}),
    ...settingsOf(message),
  });
}

/** Returns what is known of a request when it has ended. */
export function endAttributes(context: RequestContext): Attributes {
  const { connection, reused, delivery, outcome, phase, timings, reply, usage, error } = context;
  return known({
    'choragus.connection': connection,
    'choragus.reused': reused,
    'choragus.delivery': delivery,
    'choragus.outcome': outcome,
    'choragus.phase': phase,
    'choragus.queued_ms': timings?.queuedMs,
    'choragus.connect_ms': timings?.connectMs,
    'choragus.service_ms': timings?.serviceMs,
    'gen_ai.response.model': reply?.model,
    'gen_ai.response.finish_reasons': reply?.finishReason === undefined ? undefined : [reply.finishReason],
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'error.type': error?.code,
    'http.response.status_code': error?.status,
  });
}

/** Leaves out the attributes without a value: an exporter would send them empty. */
function known(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function settingsOf(message: unknown): Attributes {
  if (typeof message !== 'object' || message === null) return {};
  const { temperature, maxTokens } = message as { readonly temperature?: unknown; readonly maxTokens?: unknown };
  return {
    ...(typeof temperature === 'number' ? { 'gen_ai.request.temperature': temperature } : {}),
    ...(typeof maxTokens === 'number' ? { 'gen_ai.request.max_tokens': maxTokens } : {}),
  };
}
