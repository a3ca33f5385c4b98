import type { Frame, Reply, ToolCall, Usage } from '../contract/index.js';
import type { Timings } from '../errors/index.js';
import { replyTypeOf } from '../protocol/frame-codec.js';

/** The fields of a reply besides its text, while it is built. */
type Extras = { -readonly [Name in 'usage' | 'finishReason' | 'reasoning' | 'toolCalls' | 'refusal']?: Reply[Name] };

/** Returns a reply in the form that the user gets. */
export function replyOf(ci: string, frame: Frame, content: string, reused: boolean, timings: Timings): Reply {
  const reply: Omit<Reply, keyof Extras> & Extras = {
    ci,
    content,
    model: typeof frame.model === 'string' ? frame.model : undefined,
    type: String(replyTypeOf(frame)),
    raw: frame,
    reused,
    timings,
  };
  // The fields exist only if the CI sends them.
  if (frame.usage !== undefined) addUsage(reply, frame.usage);
  if (typeof frame.finish_reason === 'string') reply.finishReason = frame.finish_reason;
  if (typeof frame.reasoning === 'string') reply.reasoning = frame.reasoning;
  if (Array.isArray(frame.tool_calls)) reply.toolCalls = frame.tool_calls.flatMap(toolCallOf);
  if (typeof frame.refusal === 'string') reply.refusal = frame.refusal;
  return reply;
}

function addUsage(reply: Extras, said: unknown): void {
  if (typeof said !== 'object' || said === null) return;
  const count = (name: string): number | undefined => {
    const value = (said as Frame)[name];
    return typeof value === 'number' && value >= 0 ? value : undefined;
  };
  const input = count('input_tokens');
  const output = count('output_tokens');
  const total = count('total_tokens');
  if ((input ?? output ?? total) === undefined) return;
  const reasoningTokens = count('reasoning_tokens');
  const cachedTokens = count('cached_tokens');
  const usage: Usage = {
    inputTokens: input ?? 0,
    outputTokens: output ?? 0,
    totalTokens: total ?? (input ?? 0) + (output ?? 0),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
  };
  reply.usage = usage;
}

function toolCallOf(said: unknown): ToolCall[] {
  if (typeof said !== 'object' || said === null) return [];
  const { id, name, arguments: text } = said as Frame;
  if (typeof name !== 'string' || typeof text !== 'string') return [];
  return [typeof id === 'string' ? { id, name, arguments: text } : { name, arguments: text }];
}
