// Not vitest's `expect`: a million checks would take more time than everything else.
import assert from 'node:assert/strict';
import { ciNames } from './acts.js';
import { answerTo, errorFor, piecesFor } from './model-link.js';
import type { Seen } from './seen.js';
import { MARK, type World } from './world.js';

/** The invariants of the design, each as its violations in one run: those of a moment, and those of the end. */
export const always: readonly ((world: World) => void)[] = [
  buffersAreBounded,
  onlyWorkKeepsTheProcessAlive,
  noTwiceOnTheWire,
  notSentIsNeverWrong,
];
export const atTheEnd: readonly ((world: World) => void)[] = [
  noAnswerReachesAnother,
  everySubscriptionEndsOnce,
  noTwiceOnTheWire,
  notSentIsNeverWrong,
  nothingIsOutstanding,
  onlyWorkKeepsTheProcessAlive,
  aBrokenPeerHarmsItsOwnCiOnly,
  nothingIsLogged,
  nothingCrashes,
];

/** 1. No reply, chunk or error reaches a request other than its own. */
export function noAnswerReachesAnother(world: World): void {
  for (const seen of world.seen) {
    const { content, replyMode } = seen.how;
    const whole = [answerTo(content)];
    const pieces = piecesFor(content);
    assert.deepEqual(seen.misplaced, [], content);
    const isOwn = isStartOf(seen.texts, whole) || (replyMode === 'stream' && isStartOf(seen.texts, pieces));
    assert.equal(isOwn, true, `${content} was told ${JSON.stringify(seen.texts)}`);
    if (seen.phase === 'ended' && seen.error === undefined) {
      const isWhole = [whole.length, replyMode === 'stream' ? pieces.length : 1].includes(seen.texts.length);
      assert.equal(isWhole && (seen.texts[0] === whole[0] || seen.texts.length === pieces.length), true, content);
    }
    for (const { error } of seen.failures) {
      assert.equal(error.ci, seen.how.ci, content);
      if (error.code === 'ci_error')
        assert.ok(error.message.includes(errorFor(content)), `${content}: ${error.message}`);
      if (error.partial !== undefined) assert.equal(error.partial, seen.texts.join(''), content);
    }
  }
}

/** 2. Every subscription ends exactly once, by its deadline at the latest; a cancelled one gets nothing more. */
export function everySubscriptionEndsOnce(world: World): void {
  for (const { how, phase, ends, startedMs, endedMs, dueMs } of world.seen) {
    assert.equal(ends, phase === 'given up' ? 0 : 1, how.content);
    if (ends === 1) atMost(endedMs - startedMs, dueMs - startedMs, how.content);
  }
  for (const { parts, completed, failed } of world.broadcasts) {
    const isGivenUp = parts.some(({ phase }) => phase === 'given up');
    assert.deepEqual([completed, failed], [isGivenUp ? 0 : 1, 0]);
  }
}

/** 3. Nothing reaches the wire twice; a request that is cancelled while it waits never reaches it. */
export function noTwiceOnTheWire(world: World): void {
  for (const { how, commits, commitsOutOfTry } of world.seen) {
    atMost(commits, 1, how.content);
    assert.equal(commitsOutOfTry, 0, how.content);
  }
}

/** 4. `delivery: 'not_sent'` is never wrong. */
export function notSentIsNeverWrong(world: World): void {
  for (const { how, failures } of world.seen) {
    for (const { error, commits } of failures) {
      if (error.delivery === 'not_sent') assert.equal(commits, 0, how.content);
    }
  }
}

/** 5, at any moment: queues, abandoned requests and sockets are limited. */
export function buffersAreBounded(world: World): void {
  const { maxConnections, maxInFlight, maxWaiting } = world.bounds;
  for (const { ci, waiting, connections } of Object.values(world.pool.snapshot().cis)) {
    atMost(waiting, maxWaiting, ci);
    atMost(connections.length, 2 * maxConnections, ci);
    for (const { inFlight, abandoned } of connections) {
      atMost(inFlight + abandoned, maxInFlight, ci);
    }
    // A CI that leaves while its successor has come has its own links.
    if (!world.removed.has(ci as never)) atMost(world.linksOf(ci), 2 * maxConnections, ci);
  }
}

/** 5, when the work is done: nothing is left in the pool. */
export function nothingIsOutstanding(world: World): void {
  const { totals } = world.pool.snapshot();
  assert.deepEqual([totals.inFlight, totals.waiting], [0, 0]);
  assert.ok(world.signals.every(({ listeners }) => listeners === 0));
  assert.equal(world.holding, 0);
}

/** 5, when the pool is closed: no connection, link or timer is left. */
export function nothingIsLeft(world: World): void {
  const { totals } = world.pool.snapshot();
  assert.deepEqual([world.pool.state, totals.connections, world.holding, world.statesCompleted], ['closed', 0, 0, 1]);
  assert.deepEqual(
    ciNames.map((ci) => world.linksOf(ci)),
    [0, 0, 0],
  );
  assert.equal(world.clock.pending, 0);
}

/** 6. An idle pool keeps no process alive; a pending deadline, a drain or a warm-up does. */
export function onlyWorkKeepsTheProcessAlive(world: World): void {
  const trying = world.open.filter(({ phase }) => phase === 'trying').length;
  if (trying > 0) assert.notEqual(world.clock.pendingKeepAlive, 0);
  else if (world.holding === 0) assert.equal(world.clock.pendingKeepAlive, 0);
}

/** 7. A broken peer harms only its own CI: the correct one answers every request. */
export function aBrokenPeerHarmsItsOwnCiOnly(world: World): void {
  for (const seen of world.seen) {
    if (seen.how.ci !== 'sound') continue;
    for (const { error } of seen.failures) {
      assert.ok(excusesOf(seen, world).includes(error.code), `${seen.how.content}: ${error.message}`);
    }
  }
}

/** 8. No message content is logged, or shown in the snapshot. */
export function nothingIsLogged(world: World): void {
  assert.equal(JSON.stringify(world.log.lines).includes(MARK), false);
  assert.equal(JSON.stringify(world.pool.snapshot()).includes(MARK), false);
}

/** No actor crashes: none of these peers can cause that. The log's only errors are crashes and quarantines. */
export function nothingCrashes(world: World): void {
  assert.deepEqual(
    world.log.lines.filter(({ level }) => level === 'error'),
    [],
  );
}

/** Errors that a request may have though its peer is correct: those its own user caused. */
function excusesOf({ how }: Seen, world: World): readonly string[] {
  return [
    'overloaded',
    ...(how.signal === 'shared' ? ['cancelled'] : []),
    // The error of the second try; that of the first is checked, too.
    ...(how.retries > 0 ? ['already_sent'] : []),
    ...(how.haste === 'hasty' ? ['deadline_exceeded'] : []),
    ...(world.removed.has('sound') ? ['closed', 'unknown_ci'] : []),
  ];
}

function isStartOf(texts: readonly string[], all: readonly string[]): boolean {
  return texts.length <= all.length && texts.every((text, index) => text === all[index]);
}

function atMost(value: number, limit: number, what: string): void {
  assert.ok(value <= limit, `${what}: ${value}, and at most ${limit}`);
}
