/** The `openai` npm client; its answers are converted to the form of Choragus' `Reply` for comparison. */
import OpenAI from 'openai';
import { packageVersion } from './package-version.mjs';

export const openAiVersion = packageVersion('openai');

/** Opens a client. The default of `maxRetries` is the client's own: 2. */
export function openClient(baseURL, options = {}) {
  return new OpenAI({ baseURL, apiKey: 'none', ...options });
}

/** One answer in one piece. */
export async function askOpenAi(client, body) {
  const { choices, usage } = await client.chat.completions.create(body);
  const [{ message, finish_reason: finishReason }] = choices;
  const { content, reasoning_content: reasoning, tool_calls: calls } = message;
  const toolCalls = calls?.map(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: args }));
  return tidy({ content: content ?? '', reasoning, toolCalls, finishReason, usage });
}

/** The same answer, streamed. */
export async function streamOpenAi(client, body) {
  const stream = await client.chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  const answer = { content: '', reasoning: '', toolCalls: [], finishReason: undefined, usage: undefined };
  for await (const { choices, usage } of stream) {
    answer.usage = usage ?? answer.usage;
    const [choice] = choices;
    if (choice === undefined) continue;
    answer.content += choice.delta.content ?? '';
    answer.reasoning += choice.delta.reasoning_content ?? '';
    answer.finishReason = choice.finish_reason ?? answer.finishReason;
    for (const piece of choice.delta.tool_calls ?? []) join(answer.toolCalls, piece);
  }
  return tidy(answer);
}

function join(calls, { index, id, function: { name, arguments: args } = {} }) {
  calls[index] ??= { id, name, arguments: '' };
  calls[index].arguments += args ?? '';
}

/** The parts that must agree between two clients. Absent and empty are the same. */
export function tidy({ content, reasoning, toolCalls, finishReason, usage }) {
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage ?? {};
  return {
    content,
    reasoning: reasoning || undefined,
    toolCalls: toolCalls?.length ? toolCalls.map(({ id, name, arguments: args }) => ({ id, name, args })) : undefined,
    finishReason,
    usage: usage && {
      inputTokens: usage.inputTokens ?? input,
      outputTokens: usage.outputTokens ?? output,
      totalTokens: usage.totalTokens ?? total,
    },
  };
}
