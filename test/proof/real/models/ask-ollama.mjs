import assert from 'node:assert/strict';

/**
 * Sends a request to Ollama's API by hand, streamed and whole, and returns the common answer.
 *
 * @returns a function of a question, whose answers have the form of Choragus' `Reply`.
 */
export function askOllama(origin) {
  return async (content) => {
    const streamed = joined(linesOf(await chat(origin, content, true)));
    assert.deepEqual(joined(linesOf(await chat(origin, content, false))), streamed, 'the server itself');
    return streamed;
  };
}

async function chat(origin, content, stream) {
  const body = JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content }], stream });
  const response = await fetch(`${origin}/api/chat`, { method: 'POST', body });
  return response.text();
}

function linesOf(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function joined(lines) {
  const messages = lines.map(({ message }) => message);
  const text = (field) => messages.map((message) => message[field] ?? '').join('');
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  const { done_reason: finishReason, prompt_eval_count: input, eval_count: output } = lines.at(-1);
  return {
    content: text('content'),
    reasoning: text('thinking') || text('reasoning_content') || undefined,
    // Ollama sends arguments as an object, and no ids.
    toolCalls:
      calls.length === 0
        ? undefined
        : calls.map(({ function: { name, arguments: args } }) => ({ name, args: JSON.stringify(args) })),
    finishReason,
    usage: { inputTokens: input, outputTokens: output, totalTokens: input + output },
  };
}
