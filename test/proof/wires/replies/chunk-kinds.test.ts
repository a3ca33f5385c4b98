import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChoragusError, text } from '../../../../src/index.js';
import { Fixture } from './fixture.js';
import { chunk, done, END, PIECES, SAID, said, TEXT } from './pieces.js';

describe.each([
  { wire: 'openai' as const, thought: chunk({ reasoning_content: 'Hm, 5 €?' }), answer: PIECES + END },
  { wire: 'ollama' as const, thought: said({ thinking: 'Hm, 5 €?' }), answer: SAID + done() },
])('$wire', ({ wire, thought, answer }) => {
  async function fixture(): Promise<Fixture> {
    const made = await Fixture.open(wire);
    onTestFinished(() => made[Symbol.asyncDispose]());
    return made;
  }

  test('text() passes only the text', async () => {
    const made = await fixture();
    made.answerWith({ body: thought + answer, end: 'clean' });
    expect(await firstValueFrom(made.pool().stream('muse', 'hello').pipe(text()))).toBe(TEXT);
  });

  test('reasoning counts as the first chunk: the silence after it is idle time', async () => {
    const made = await fixture();
    made.answerWith({ body: thought, end: 'open' });
    const options = { firstChunkTimeoutMs: 2_000, idleTimeoutMs: 200, deadlineMs: 5_000 };
    const error: ChoragusError = await lastValueFrom(made.pool().stream('muse', 'hello', options)).catch(
      (cause) => cause,
    );
    expect(error).toMatchObject({ code: 'deadline_exceeded', phase: 'idle' });
    expect(error.partial ?? '').toBe('');
    await made.expectGood();
  });
});
