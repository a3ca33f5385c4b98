import { firstValueFrom, from, isObservable, Subject, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { DrainableHandler } from '../../../src/cli/drainable-handler.js';
import type { CiHandler, CiRequest } from '../../../src/index.js';
import { Gate } from '../../support/gate.js';

function requestOf(signal: AbortSignal = new AbortController().signal): CiRequest {
  return { content: 'hello', raw: {}, type: 'chat', isStream: false, signal } as unknown as CiRequest;
}

/** Returns a handler's whole answer. */
async function textOf(answer: ReturnType<CiHandler>): Promise<string> {
  if (typeof answer === 'string') return answer;
  if ('then' in answer) return answer;
  return (await firstValueFrom((isObservable(answer) ? answer : from(answer)).pipe(toArray()))).join('');
}

async function* pieces(gate: Gate): AsyncGenerator<string> {
  yield 'one ';
  await gate.opened;
  yield 'two';
}

describe('a handler that can be drained', () => {
  test.each([
    ['a promise', (gate: Gate) => gate.opened.then(() => 'one two')],
    ['an async iterable', (gate: Gate) => pieces(gate)],
    ['an Observable', (gate: Gate) => from(pieces(gate))],
  ])('waits for %s, and passes it on unchanged', async (_, answerOf) => {
    const gate = new Gate();
    const handler = new DrainableHandler(() => answerOf(gate));
    const said = textOf(handler.handle(requestOf()));
    expect(handler.underWay).toBe(1);
    let isDrained = false;
    const drained = handler.drain().then(() => {
      isDrained = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDrained).toBe(false);
    gate.open();
    expect(await said).toBe('one two');
    await drained;
    expect(handler.underWay).toBe(0);
  });

  test('does not wait for what is over: a text, an exception, an ended stream, a client that left', async () => {
    const left = new AbortController();
    const answers: (() => ReturnType<CiHandler>)[] = [
      () => 'text',
      () => {
        throw new Error('no');
      },
      () => new Subject<string>(),
      () => new Promise<string>(() => {}),
    ];
    const handler = new DrainableHandler(() => (answers.shift() as () => ReturnType<CiHandler>)());
    expect(handler.handle(requestOf())).toBe('text');
    expect(() => handler.handle(requestOf())).toThrow('no');
    const stream = handler.handle(requestOf());
    if (isObservable(stream)) stream.subscribe().unsubscribe();
    void handler.handle(requestOf(left.signal));
    left.abort();
    expect(handler.underWay).toBe(0);
    await handler.drain();
  });

  test('rejects new requests once it drains', async () => {
    const handler = new DrainableHandler(() => 'text');
    await handler.drain();
    expect(() => handler.handle(requestOf())).toThrow('shutting down');
  });
});
