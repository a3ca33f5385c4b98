import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionState, Frame, Pool, StateChange } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { CiLog, openLog } from '../../../src/observe/log.js';
import { ManualClock, type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';
import { recordingLogger } from './recording-logger.js';

const SECRET = 'the secret plan';

function openCiLog() {
  const logger = recordingLogger();
  const clock = new ManualClock();
  return { log: new CiLog(logger, 'apollo', clock), lines: logger.lines, clock };
}

function change(from: ConnectionState, to: ConnectionState): StateChange {
  return { ci: 'apollo', connection: 'apollo#1', from, to, reason: 'because', attempt: 2, delayMs: 150, at: 1_700_000 };
}

describe('openLog', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('is pino at level info by default', () => {
    expect(openLog(undefined)).toHaveProperty('level', 'info');
    expect(openLog(undefined).child({ ci: 'apollo' })).toHaveProperty('level', 'info');
  });

  test('is the given logger', () => {
    const logger = recordingLogger();
    expect(openLog(logger)).toBe(logger);
  });

  test('is silent for false, including its children', () => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = openLog(false);
    for (const one of [log, log.child({ ci: 'apollo' }).child({})]) {
      for (const level of ['info', 'warn', 'error', 'debug'] as const) expect(one[level]({}, 'x')).toBeUndefined();
    }
    expect([stdout.mock.calls, stderr.mock.calls]).toEqual([[], []]);
  });
});

describe('a change of state', () => {
  test('is one line, with from, to, reason, attempt and delayMs', () => {
    const { log, lines } = openCiLog();
    log.stateChanged(change('healthy', 'reconnecting'));
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: {
          ci: 'apollo',
          connection: 'apollo#1',
          from: 'healthy',
          to: 'reconnecting',
          reason: 'because',
          attempt: 2,
          delayMs: 150,
        },
        message: 'healthy -> reconnecting',
      },
    ]);
  });

  test.each([
    ['idle', 'info'],
    ['connecting', 'info'],
    ['healthy', 'info'],
    ['degraded', 'warn'],
    ['reconnecting', 'warn'],
    ['closed', 'info'],
  ] as const)('to %s is logged at %s', (to, level) => {
    const { log, lines } = openCiLog();
    log.stateChanged(change('connecting', to));
    expect(lines.map((line) => line.level)).toEqual([level]);
  });

  test('every change is logged: no rate limit applies', () => {
    const { log, lines } = openCiLog();
    for (let i = 0; i < 100; i += 1) log.stateChanged(change('connecting', 'reconnecting'));
    expect(lines).toHaveLength(100);
  });
});

describe('an anomaly', () => {
  test('is logged with its connection', () => {
    const { log, lines } = openCiLog();
    log.anomaly('stray_frame', 'apollo#1');
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { ci: 'apollo', anomaly: 'stray_frame', connection: 'apollo#1', suppressed: 0 },
        message: 'stray frame',
      },
    ]);
  });

  test('is logged once in 10 s; the next line has the number of those left out', () => {
    const { log, lines, clock } = openCiLog();
    for (let i = 0; i < 500; i += 1) {
      log.anomaly('stray_frame', 'apollo#1');
      clock.advance(19);
    }
    // 500 over 9.5 s: one line. A moment later the 10 s are over.
    expect(lines).toHaveLength(1);
    clock.advance(500);
    log.anomaly('stray_frame', 'apollo#2');
    expect(lines[1]?.fields).toMatchObject({ connection: 'apollo#2', suppressed: 499 });
    clock.advance(10_000);
    log.anomaly('stray_frame', 'apollo#1');
    expect(lines[2]?.fields).toMatchObject({ suppressed: 0 });
  });

  test('is left out 1 ms before the 10 s are over, and logged after', () => {
    const { log, lines, clock } = openCiLog();
    log.anomaly('retired', 'apollo#1');
    clock.advance(9_999);
    log.anomaly('retired', 'apollo#1');
    expect(lines).toHaveLength(1);
    clock.advance(1);
    log.anomaly('retired', 'apollo#1');
    expect(lines).toHaveLength(2);
  });

  test('each kind has its own rate', () => {
    const { log, lines } = openCiLog();
    for (const kind of ['stray_frame', 'retired', 'stray_frame', 'retired'] as const) {
      log.anomaly(kind, 'apollo#1');
    }
    expect(lines.map(({ fields }) => fields.anomaly)).toEqual(['stray_frame', 'retired']);
  });

  test('each CI has its own rate', () => {
    const logger = recordingLogger();
    const clock = new ManualClock();
    for (const ci of ['apollo', 'athena']) new CiLog(logger, ci, clock).anomaly('retired', `${ci}#1`);
    expect(logger.lines.map(({ fields }) => fields.ci)).toEqual(['apollo', 'athena']);
  });
});

test('a crash is logged with its location and without its message, which could quote content', () => {
  const { log, lines } = openCiLog();
  log.crashed('apollo#1', new TypeError('cannot read "a secret"'));
  log.crashed('apollo#1', 'a secret');
  expect(lines).toMatchObject([
    { level: 'error', fields: { ci: 'apollo', connection: 'apollo#1', kind: 'TypeError' } },
    { level: 'error', fields: { kind: 'string', where: [] } },
  ]);
  expect(lines[0]?.fields.where).toEqual(expect.arrayContaining([expect.stringContaining('log.test.ts')]));
  expect(JSON.stringify(lines)).not.toContain('secret');
});

test('a quarantine is logged as an error, with the way to lift it', () => {
  const { log, lines } = openCiLog();
  log.quarantined();
  expect(lines).toMatchObject([{ level: 'error', fields: { ci: 'apollo' } }]);
  expect(lines[0]?.message).toContain('remove it and add it again');
});

test('a CI without log lines makes no child logger', () => {
  const logger = recordingLogger();
  const child = vi.spyOn(logger, 'child');
  const log = new CiLog(logger, 'apollo', new ManualClock());
  expect(child).not.toHaveBeenCalled();
  log.stateChanged(change('idle', 'connecting'));
  log.stateChanged(change('connecting', 'healthy'));
  expect(child).toHaveBeenCalledExactlyOnceWith({ ci: 'apollo' });
});

describe('a pool', () => {
  /** A pool with one CI that answers as the test says. */
  function openPool(onRequest: (request: Frame, peer: MemoryPeer) => void) {
    const clock = new ManualClock();
    const wire = memoryTransport({ clock });
    wire.listen('apollo', (peer) => peer.onRequest((request) => onRequest(request, peer)));
    const logger = recordingLogger();
    const cis = { apollo: 'memory://apollo' };
    const pool = createPool({ cis, transports: { memory: wire }, clock, logger, random: () => 0.5 });
    const changes: StateChange[] = [];
    pool.states$.subscribe((one) => changes.push(one));
    return { pool, clock, changes, lines: logger.lines };
  }

  async function close(pool: Pool, clock: ManualClock): Promise<void> {
    const closing = pool.close({ drainTimeoutMs: 1 });
    clock.advance(1);
    await closing;
  }

  test('logs one line for each state change it reports', async () => {
    const { pool, clock, changes, lines } = openPool((_request, peer) => peer.fail());
    pool.ask('apollo', SECRET).subscribe({ error: () => {} });
    clock.advance(100);
    await close(pool, clock);
    expect(changes.map(({ to }) => to)).toEqual(['connecting', 'healthy', 'reconnecting', 'closed']);
    const told = lines.map(({ fields }) => [fields.connection, fields.from, fields.to, fields.reason, fields.attempt]);
    expect(told).toEqual(changes.map((one) => [one.connection, one.from, one.to, one.reason, one.attempt]));
  });

  test('logs nothing for successful requests', async () => {
    const { pool, clock, lines } = openPool(({ request_id }, peer) => {
      peer.send({ type: 'chat_response', request_id, content: SECRET });
    });
    pool.ask('apollo', SECRET).subscribe();
    clock.advance(10);
    const before = lines.length;
    for (let i = 0; i < 100; i += 1) pool.ask('apollo', SECRET).subscribe();
    clock.advance(10);
    expect(pool.snapshot().cis.apollo?.metrics.succeeded).toBe(101);
    expect(lines).toHaveLength(before);
    await close(pool, clock);
  });

  test.each<[string, (request: Frame, peer: MemoryPeer) => void]>([
    ['an answer', ({ request_id }, peer) => peer.send({ type: 'chat_response', request_id, content: SECRET })],
    ['an error', ({ request_id }, peer) => peer.send({ type: 'error', request_id, error: SECRET })],
    ['a line that is not JSON', (_request, peer) => peer.send(SECRET)],
    ['a line that is no object', (_request, peer) => peer.send(JSON.stringify([SECRET]))],
    ['an answer of the wrong type', (_request, peer) => peer.send({ type: 'pong', content: SECRET })],
    ['an answer without content', (_request, peer) => peer.send({ type: 'chat_response', text: SECRET })],
    [
      'a cut stream',
      ({ request_id }, peer) => {
        peer.send({ type: 'stream_chunk', request_id, content: SECRET });
        peer.fail();
      },
    ],
    [
      'one answer too many',
      ({ request_id }, peer) => {
        for (let i = 0; i < 2; i += 1) peer.send({ type: 'chat_response', request_id, content: SECRET });
      },
    ],
    [
      'an unexpected answer',
      (_request, peer) => peer.send({ type: 'chat_response', request_id: SECRET, content: SECRET }),
    ],
    ['no answer in time', () => {}],
  ])('logs no content: %s', async (_what, onRequest) => {
    const { pool, clock, lines } = openPool(onRequest);
    const ends: string[] = [];
    const observer = { error: () => ends.push('error'), complete: () => ends.push('complete') };
    pool.ask('apollo', SECRET).subscribe(observer);
    pool.stream('apollo', { content: SECRET, context: { secret: SECRET } }).subscribe(observer);
    clock.advance(700_000);
    await close(pool, clock);
    expect(ends).toHaveLength(2);
    expect(lines.length).toBeGreaterThan(0);
    // Not JSON.stringify, which leaves out an error's message.
    expect(inspect(lines, { depth: null })).not.toContain('secret');
  });
});
