/** The dialects of chat over HTTP that servers speak. */
export const dialects = {
  ollama: {
    url: (port: number) => `ollama://127.0.0.1:${port}/llama3.2:3b`,
    probePath: '/api/version',
    path: '/api/chat',
    /** Wraps JSON in a line of the dialect. */
    line: (json: string) => `${json}\n`,
    /** Makes the JSON of one piece of an answer. */
    said: (content: string) =>
      JSON.stringify({ model: 'llama3.2:3b', message: { role: 'assistant', content }, done: false }),
    end: `${JSON.stringify({ model: 'llama3.2:3b', message: { content: '' }, done: true, done_reason: 'stop', eval_count: 7 })}\n`,
    metadata: { done_reason: 'stop', eval_count: 7 },
    asks: {},
    error: (text: string) => JSON.stringify({ error: text }),
    options: { options: { temperature: 0.5, num_predict: 9 } },
  },
  openai: {
    url: (port: number) => `openai+http://127.0.0.1:${port}/llama3.2:3b`,
    probePath: '/v1/models',
    path: '/v1/chat/completions',
    line: (json: string) => `data: ${json}\n\n`,
    said: (content: string) =>
      JSON.stringify({ model: 'llama3.2:3b', choices: [{ delta: { content }, finish_reason: null }] }),
    end: `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`,
    metadata: { finish_reason: 'stop' },
    /** Fields that the request must have besides the answer. */
    asks: { stream_options: { include_usage: true } },
    error: (text: string) => JSON.stringify({ error: { message: text } }),
    options: { temperature: 0.5, max_tokens: 9 },
  },
} as const;

export type Dialect = (typeof dialects)[keyof typeof dialects];

/** Makes a piece of an answer, as bytes to send. */
export function pieceOf(dialect: Dialect, content: string): string {
  return `${dialect.line(dialect.said(content))}\n`;
}
