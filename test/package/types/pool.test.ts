import { pino } from 'pino';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { ChoragusError, Chunk, Code, Logger, Outcome, Pool, PoolOptions, Reply } from '../../../src/index.js';

declare const pool: Pool;

describe('the types of the contract', () => {
  test('requests', () => {
    const check = () => {
      expectTypeOf(pool.ask('a', 'text')).toEqualTypeOf<Observable<Reply>>();
      expectTypeOf(pool.stream('a', { content: 'text', maxTokens: 5 })).toEqualTypeOf<Observable<Chunk>>();
      expectTypeOf(pool.request('a', { type: 'info' })).toEqualTypeOf<Observable<Reply>>();
      // @ts-expect-error a message has content
      pool.ask('a', { context: {} });
      // @ts-expect-error a request has a type
      pool.request('a', { content: 'text' });
      // @ts-expect-error the first chunk is a stream's
      pool.ask('a', 'text', { firstChunkTimeoutMs: 5 });
    };
    expectTypeOf(check).toBeFunction();
  });

  test('broadcast emits outcomes, and chunks only for a stream', () => {
    const check = () => {
      expectTypeOf(pool.broadcast('text')).toEqualTypeOf<Observable<Outcome>>();
      expectTypeOf(pool.broadcast('text', { deadlineMs: 5 })).toEqualTypeOf<Observable<Outcome>>();
      expectTypeOf(pool.broadcast('text', { stream: true })).toEqualTypeOf<Observable<Outcome | Chunk>>();
    };
    expectTypeOf(check).toBeFunction();
  });

  test('outcomes are distinguished by ok', () => {
    const check = (outcome: Outcome) => {
      if (outcome.ok) expectTypeOf(outcome.reply).toEqualTypeOf<Reply>();
      else expectTypeOf(outcome.error).toEqualTypeOf<ChoragusError>();
    };
    expectTypeOf(check).toBeFunction();
  });

  test('a pino logger is a logger, and options are checked by name', () => {
    expectTypeOf(pino()).toExtend<Logger>();
    expectTypeOf<{ cis: { a: string }; logger: false }>().toExtend<PoolOptions>();
    // @ts-expect-error no such option
    const options: PoolOptions = { retries: 3 };
    expectTypeOf(options).toEqualTypeOf<PoolOptions>();
    expectTypeOf<'retry'>().not.toExtend<Code>();
  });
});
