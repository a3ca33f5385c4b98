import { check, checkFunction, MAX_TIMER_MS, withMethods } from '../../checks/index.js';
import type { Clock } from '../../contract/index.js';
import { wrongArgument } from '../../errors/index.js';
import type { RequestScript } from '../scripted-ci.js';
import type { ScriptedRequest } from '../scripted-connection.js';

/** Returns the text of an answer. */
export type AnswerWith = (request: ScriptedRequest) => string;

const aClock = withMethods<Clock>('a Clock', 'setTimeout');

const echo: AnswerWith = ({ message }) => (typeof message.content === 'string' ? message.content : '');

/** Answers at once, with the request's id: a correct peer. Default answer: the request's text. */
export function replies(answerWith: AnswerWith = echo): RequestScript {
  checkFunction('replies', 'answerWith', answerWith);
  return (request) => request.reply(answerWith(request));
}

/** Answers at once and in order, without ids, as the original specialists do. */
export function repliesInOrder(answerWith: AnswerWith = echo): RequestScript {
  checkFunction('repliesInOrder', 'answerWith', answerWith);
  return (request) => request.reply(answerWith(request), { echo: false });
}

/** Answers each request after `ms` milliseconds of the given clock. */
export function delays(ms: number, clock: Clock, answerWith: AnswerWith = echo): RequestScript {
  checkFunction('delays', 'answerWith', answerWith);
  if (!(typeof ms === 'number' && ms <= MAX_TIMER_MS))
    throw wrongArgument('delays', 'ms', ms, 'a number of milliseconds');
  check(aClock, clock, { of: 'delays', argument: 'clock' });
  return (request) => {
    clock.setTimeout(() => request.reply(answerWith(request)), ms, 'background');
  };
}

/** Holds requests until the test releases their answers. */
export interface LateScript extends RequestScript {
  /** The requests whose answers are held, oldest first. */
  readonly held: readonly ScriptedRequest[];
  /** Answers the oldest `count` of them. Default: all. */
  release(count?: number): void;
}

/**
 * Answers only when the test calls `release()`. Answers with ids if `correlation` is `byId` (default), and without ids if
 * it is `ordered`.
 *
 * @example
 * ```ts
 * const late = faults.late();
 * await using ci = await scriptedCi({ script: late });
 * // … the request is abandoned …
 * late.release();
 * ```
 */
export function late(correlation: 'byId' | 'ordered' = 'byId', answerWith: AnswerWith = echo): LateScript {
  if (correlation !== 'byId' && correlation !== 'ordered')
    throw wrongArgument('late', 'correlation', correlation, 'byId or ordered');
  checkFunction('late', 'answerWith', answerWith);
  const held: ScriptedRequest[] = [];
  const script: RequestScript = (request) => {
    held.push(request);
  };
  return Object.assign(script, {
    held,
    release: (count = held.length) => {
      if (!(Number.isInteger(count) && count >= 0))
        throw wrongArgument('release', 'count', count, 'a whole number from 0');
      for (const request of held.splice(0, count)) request.reply(answerWith(request), { echo: correlation === 'byId' });
    },
  });
}

/** Waits for `count` requests, then answers them in reverse order, with ids. Repeats this for the next requests. */
export function outOfOrder(count: number, answerWith: AnswerWith = echo): RequestScript {
  if (!(Number.isInteger(count) && count >= 1))
    throw wrongArgument('outOfOrder', 'count', count, 'a whole number from 1');
  checkFunction('outOfOrder', 'answerWith', answerWith);
  const held: ScriptedRequest[] = [];
  return (request) => {
    held.push(request);
    if (held.length < count) return;
    for (const one of held.splice(0).reverse()) one.reply(answerWith(one));
  };
}
