/** Answers that are errors, and answers that break off: the expected error texts. */
import assert from 'node:assert/strict';
import { ask, CI, errorOf } from '../choragus-client.mjs';

/**
 * @param refusals by name: the expected `code`, `status`, `retryAfterMs`, …, a part of the server's `words`, and the question,
 * if it is not the name.
 */
export async function checkRefusals(list, { pool, refusals }) {
  for (const [name, { words, content = name, ...expected }] of Object.entries(refusals)) {
    await list.check(`"${name}" is ${expected.code}`, async () => {
      const error = await errorOf(ask(pool, { content }));
      const { message } = error;
      const seen = Object.fromEntries(Object.keys(expected).map((field) => [field, error[field]]));
      assert.deepEqual(seen, expected, message);
      assert.ok(message.includes(words), `${message} has not the words: ${words}`);
      return message;
    });
  }
}

/** @param cuts the questions whose answers break off, and the minimum number of characters before that. */
export async function checkCuts(list, { pool, cuts }) {
  for (const [content, atLeast] of Object.entries(cuts)) {
    await list.check(`"${content}": an error with the text so far`, async () => {
      const { error, text } = await cutStream(pool, content);
      const { code, delivery, partial, message } = error;
      assert.ok(['connection_lost', 'protocol_error'].includes(code), message);
      assert.equal(delivery, 'maybe_sent', message);
      assert.equal(partial ?? '', text, '`partial` is not the text of the chunks');
      assert.ok(text.length >= atLeast, `only ${text.length} characters came`);
      return `${message}; partial has ${text.length} characters`;
    });
  }
}

function cutStream(pool, content) {
  return new Promise((resolve, reject) => {
    let text = '';
    pool.stream(CI, { content }).subscribe({
      next: (chunk) => {
        text += chunk.content;
      },
      error: (error) => resolve({ error, text }),
      complete: () => reject(new Error(`the stream ended as if it were whole, with ${JSON.stringify(text)}`)),
    });
  });
}
