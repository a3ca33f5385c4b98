import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createPool } from '../../../src/index.js';

/** The URL of a real model, for example `ollama://localhost/llama3.2`. The build has none: these tests are then reported as skipped. */
const url = process.env.CHORAGUS_TEST_MODEL ?? '';

describe.skipIf(url === '')(`a real model: ${url || 'CHORAGUS_TEST_MODEL names none'}`, () => {
  test('answers, streams, and stops', async () => {
    await using pool = createPool({ cis: { muse: url }, logger: false });
    const options = { deadlineMs: 240_000, firstChunkTimeoutMs: 120_000, idleTimeoutMs: 60_000 };
    const reply = await firstValueFrom(
      pool.ask('muse', { content: 'Say the word "yes".', maxTokens: 20 }, { deadlineMs: 240_000 }),
    );
    expect(reply.content.length).toBeGreaterThan(0);
    const chunks = await lastValueFrom(
      pool.stream('muse', { content: 'Count from 1 to 5.', maxTokens: 60 }, options).pipe(toArray()),
    );
    expect(chunks.length).toBeGreaterThan(1);
    await firstValueFrom(pool.stream('muse', 'Write a long story.', options).pipe(take(1)));
    expect(pool.snapshot().totals.inFlight).toBe(0);
  }, 600_000);
});
