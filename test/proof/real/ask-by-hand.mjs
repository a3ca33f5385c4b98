import { Agent, request } from 'node:http';

/** A socket for each request: llama-server closes it after a streamed answer. */
const agent = new Agent({ keepAlive: false });

/** The minimal client: writes a chat, and settles at `[DONE]`. Other clients are compared with it. */
export function askByHand(origin, body) {
  const bytes = Buffer.from(JSON.stringify({ ...body, stream_options: { include_usage: true } }));
  const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}/v1/chat/completions`, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        text += piece;
        if (text.includes('data: [DONE]')) resolve(text);
      });
      answer.on('error', reject);
      answer.on('end', () => reject(new Error('the answer has no end')));
    });
    asked.on('error', reject);
    asked.end(bytes);
  });
}
