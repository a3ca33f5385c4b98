import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../../../src/index.js';
import { expectAnyOf, expectStream, outcomeKey } from './expectations.js';
import { askingFor, DEADLINE_MS, Fixture, type Seen, see } from './fixture.js';
import { type Cut, cuts, type End } from './raw-model.js';
import type { Expected, Row, Wire } from './row.js';

/** One request of a row. */
interface Run {
  readonly end: End;
  readonly cut: Cut;
  readonly mode: 'ask' | 'stream';
  readonly expected: readonly Expected[];
}

/** Tests each row: asked and streamed, in one packet and byte by byte (a clean end also line by line), with each of its ends. */
export function testRows(wire: Wire, title: string, rows: readonly Row[]): void {
  describe(`${wire}: ${title}`, () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = await Fixture.open(wire);
    });
    afterAll(async () => {
      await fixture.server.heldClosed();
      await fixture[Symbol.asyncDispose]();
    });

    test.each(rows.map((row) => [row.unsure === undefined ? row.title : `${row.title} (unsure)`, row] as const))(
      '%s',
      async (_title, row) => {
        const failures = await testRow(fixture, row);
        if (failures.length > 0) expect.fail(failures.join('\n\n'));
      },
    );
  });
}

function runsOf({ outcomes, inOnePacket }: Row): Run[] {
  const { all, ...each } = outcomes;
  const ends = Object.entries({ ...(all && { clean: all, open: all, reset: all }), ...each }) as [End, Expected][];
  return ends.flatMap(([end, expected]) =>
    cuts
      .filter((cut) => cut === 'whole' || (inOnePacket !== true && (cut === 'by byte' || end === 'clean')))
      .flatMap((cut) => (['ask', 'stream'] as const).map((mode) => ({ end, cut, mode, expected: [expected].flat() }))),
  );
}

/** Makes all requests of a row at the same time, and then a good one. Returns the faults. */
async function testRow(fixture: Fixture, row: Row): Promise<string[]> {
  const failures: string[] = [];
  const runs = runsOf(row);
  const keys = new Map<End, Map<string, string>>();
  const check = async (name: string, run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (cause) {
      failures.push(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };

  const before = fixture.server.requests.length;
  fixture.answerAsAsked(row);
  await Promise.all(
    runs.map((run) => {
      const name = `${run.end}, ${run.cut}, ${run.mode}`;
      return check(name, async () => {
        const seen = await runOnce(fixture, row, run);
        keys.set(run.end, (keys.get(run.end) ?? new Map()).set(outcomeKey(seen), name));
      });
    }),
  );
  await check('requests', async () => expectRequests(fixture, row, before, runs.length));
  for (const [end, names] of keys) {
    // A lost connection races with the bytes before it, so both outcomes that a row allows may occur.
    if ((end === 'clean' || end === 'open') && names.size > 1) {
      failures.push(`the outcome depends on the packets: ${JSON.stringify(Object.fromEntries(names))}`);
    }
  }
  await check('afterwards', () => fixture.expectGood(row.grace));
  return failures;
}

async function runOnce(fixture: Fixture, row: Row, { end, cut, mode, expected }: Run): Promise<Seen> {
  const { grace = false, deadlineMs = DEADLINE_MS } = row;
  const pool = fixture.pool(grace);
  const message = askingFor(end, cut);
  let seen: Seen;
  if (mode === 'ask') {
    seen = await see(pool.ask('muse', message, { deadlineMs }), deadlineMs);
  } else {
    const ended: Reply[] = [];
    const onEnd = (reply: Reply) => void ended.push(reply);
    const streamed = await see(pool.stream('muse', message, { deadlineMs, onEnd }), deadlineMs);
    expectStream(streamed, ended);
    seen = { ...streamed, replies: ended };
  }
  expectAnyOf(expected, seen);
  return seen;
}

/** A POST is not repeated, except one that was refused with 400 because of `stream_options`; a redirect is not followed. */
function expectRequests({ wire, server }: Fixture, row: Row, before: number, runs: number): void {
  const requests = server.requests.slice(before);
  const most = wire === 'openai' && row.status?.startsWith('400') ? 2 * runs : runs;
  expect(requests.length, 'requests on the wire').toBeGreaterThanOrEqual(runs);
  expect(requests.length, 'requests on the wire').toBeLessThanOrEqual(most);
  const path = wire === 'openai' ? '/v1/chat/completions' : '/api/chat';
  for (const request of requests) expect(request).toMatchObject({ method: 'POST', path });
}
