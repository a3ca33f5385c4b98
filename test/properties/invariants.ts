import { expect } from 'vitest';
import { ciNames } from './acts.js';
import { answerTo, errorFor, piecesFor } from './model-link.js';
import type { Seen } from './seen.js';
import { MARK, type World } from './world.js';

/** The invariants of the design, each as what it says of one run: those of a moment, and those of the end. */
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
    const { content, manner } = seen.how;
    const whole = [answerTo(content)];
    const pieces = piecesFor(content);
    expect(seen.misplaced, content).toEqual([]);
    const isOwn = isStartOf(seen.texts, whole) || (manner === 'stream' && isStartOf(seen.texts, pieces));
    expect(isOwn, `${content} was told ${JSON.stringify(seen.texts)}`).toBe(true);
    if (seen.phase === 'ended' && seen.error === undefined) {
      const isWhole = [whole.length, manner === 'stream' ? pieces.length : 1].includes(seen.texts.length);
      expect(isWhole && (seen.texts[0] === whole[0] || seen.texts.length === pieces.length), content).toBe(true);
    }
    for (const { error } of seen.failures) {
      expect(error.ci, content).toBe(seen.how.ci);
      if (error.code === 'ci_error') expect(error.message, content).toContain(errorFor(content));
      if (error.partial !== undefined) expect(error.partial, content).toBe(seen.texts.join(''));
    }
  }
}

/** 2. Every subscription ends exactly once, by its deadline at the latest; what was given up says nothing more. */
export function everySubscriptionEndsOnce(world: World): void {
  for (const { how, phase, ends, startedMs, endedMs, dueMs } of world.seen) {
    expect(ends, how.content).toBe(phase === 'given up' ? 0 : 1);
    if (ends === 1) expect(endedMs - startedMs, how.content).toBeLessThanOrEqual(dueMs - startedMs);
  }
  for (const { parts, completed, failed } of world.broadcasts) {
    const isGivenUp = parts.some(({ phase }) => phase === 'given up');
    expect([completed, failed]).toEqual([isGivenUp ? 0 : 1, 0]);
  }
}

/** 3. Nothing reaches the wire twice; nothing that was given up while waiting reaches it at all. */
export function noTwiceOnTheWire(world: World): void {
  for (const { how, commits, commitsOutOfTry } of world.seen) {
    expect(commits, how.content).toBeLessThanOrEqual(1);
    expect(commitsOutOfTry, how.content).toBe(0);
  }
}

/** 4. `delivery: 'not_sent'` is never wrong. */
export function notSentIsNeverWrong(world: World): void {
  for (const { how, failures } of world.seen) {
    for (const { error, commits } of failures) {
      if (error.delivery === 'not_sent') expect(commits, how.content).toBe(0);
    }
  }
}

/** 5, at any moment: queues, tombstones and sockets are bounded. */
export function buffersAreBounded(world: World): void {
  const { maxConnections, maxInFlight, maxWaiting } = world.bounds;
  for (const { ci, waiting, connections } of Object.values(world.pool.snapshot().cis)) {
    expect(waiting, ci).toBeLessThanOrEqual(maxWaiting);
    expect(connections.length, ci).toBeLessThanOrEqual(2 * maxConnections);
    for (const { inFlight, tombstones } of connections) {
      expect(inFlight + tombstones, ci).toBeLessThanOrEqual(maxInFlight);
    }
    // A CI that leaves while another of its name has come has links of its own.
    if (!world.removed.has(ci as never)) expect(world.linksOf(ci), ci).toBeLessThanOrEqual(2 * maxConnections);
  }
}

/** 5, when the work is done: nothing is held any more. */
export function nothingIsOutstanding(world: World): void {
  const { totals } = world.pool.snapshot();
  expect([totals.inFlight, totals.waiting]).toEqual([0, 0]);
  expect(world.signals.map(({ listeners }) => listeners)).toEqual(world.signals.map(() => 0));
  expect(world.holding).toBe(0);
}

/** 5, when the pool is closed: no connection, link or timer is left. */
export function nothingIsLeft(world: World): void {
  const { totals } = world.pool.snapshot();
  expect([world.pool.state, totals.connections, world.holding, world.statesCompleted]).toEqual(['closed', 0, 0, 1]);
  expect(ciNames.map((ci) => world.linksOf(ci))).toEqual([0, 0, 0]);
  expect(world.clock.pending).toBe(0);
}

/** 6. An idle pool keeps no process alive; a pending deadline, a drain or a warm-up does. */
export function onlyWorkKeepsTheProcessAlive(world: World): void {
  const trying = world.open.filter(({ phase }) => phase === 'trying').length;
  if (trying > 0) expect(world.clock.pendingKeepAlive).toBeGreaterThan(0);
  else if (world.holding === 0) expect(world.clock.pendingKeepAlive).toBe(0);
}

/** 7. A broken peer harms its own CI only: all that the sound one is asked, it answers. */
export function aBrokenPeerHarmsItsOwnCiOnly(world: World): void {
  for (const seen of world.seen) {
    if (seen.how.ci !== 'sound') continue;
    for (const { error } of seen.failures) {
      expect(excusesOf(seen, world), `${seen.how.content}: ${error.message}`).toContain(error.code);
    }
  }
}

/** 8. No message content is logged, nor shown in the snapshot. */
export function nothingIsLogged(world: World): void {
  expect(JSON.stringify(world.log.lines)).not.toContain(MARK);
  expect(JSON.stringify(world.pool.snapshot())).not.toContain(MARK);
}

/** No crash of an actor: none of these peers can bring one about. The log's only errors are crashes and quarantines. */
export function nothingCrashes(world: World): void {
  expect(world.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

/** What a request may fail with though its peer is sound: what its own user asked for. */
function excusesOf({ how }: Seen, world: World): readonly string[] {
  return [
    'overloaded',
    ...(how.signal === 'shared' ? ['cancelled'] : []),
    // The error of the second try; that of the first is looked at, too.
    ...(how.retries > 0 ? ['already_sent'] : []),
    ...(how.haste === 'hasty' ? ['deadline_exceeded'] : []),
    ...(world.removed.has('sound') ? ['closed', 'unknown_ci'] : []),
  ];
}

function isStartOf(texts: readonly string[], all: readonly string[]): boolean {
  return texts.length <= all.length && texts.every((text, index) => text === all[index]);
}
