import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { createPool } from '../../../src/index.js';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';
import { recordingLogger } from '../observe/recording-logger.js';

const stage = useVirtualStage();
const SECRET = 'a planted secret';

const idOf = (event: InspectionEvent): unknown => (event.actorRef as { readonly id?: unknown }).id;

/** Asks one question with this observer, then closes the pool. */
async function askWatched(
  inspect: NonNullable<Parameters<typeof createPool>[0]>['inspect'],
  logger = recordingLogger(),
) {
  const ci = stage.ci('apollo', answers);
  const pool = stage.pool({ cis: { apollo: ci.url }, inspect, logger });
  const asked = firstValueFrom(pool.ask('apollo', SECRET));
  await stage.advance(1);
  const { content } = await asked;
  await pool.close();
  return { content, logger };
}

describe('the inspect option', () => {
  test('reports the pool and each connection by name, with each of its states', async () => {
    const events: InspectionEvent[] = [];
    await askWatched((event: InspectionEvent) => void events.push(event));
    const actors = events.filter(({ type }) => type === '@xstate.actor').map(idOf);
    expect(actors).toEqual(expect.arrayContaining(['pool', 'apollo#1', 'link', 'heartbeat']));
    const values = events.flatMap((event) =>
      event.type === '@xstate.snapshot' && idOf(event) === 'apollo#1' && 'value' in event.snapshot
        ? [JSON.stringify(event.snapshot.value)]
        : [],
    );
    expect(values).toEqual(expect.arrayContaining(['"idle"', '{"linked":"healthy"}', '"closed"']));
  });

  test('takes an observer as well as a function', async () => {
    let told = 0;
    await askWatched({
      next: () => {
        told += 1;
      },
    });
    expect(told).toBeGreaterThan(5);
  });

  test('shows no content of a message, and no settings of other parts', async () => {
    const shown: string[] = [];
    await askWatched((event: InspectionEvent) => {
      if (event.type === '@xstate.snapshot') shown.push(JSON.stringify([event.event, event.snapshot]));
      if (event.type === '@xstate.event') shown.push(JSON.stringify(event.event));
      if (event.type === '@xstate.actor' && idOf(event) === 'pool') {
        shown.push(JSON.stringify(event.actorRef.getSnapshot()));
      }
    });
    expect(shown.join()).not.toContain(SECRET);
    expect(shown.join()).not.toContain('memory://');
  });

  test('an observer that throws harms no actor, and its error is logged once', async () => {
    const { content, logger } = await askWatched(() => {
      throw new RangeError(SECRET);
    });
    expect(content).toContain(SECRET);
    const told = logger.lines.filter((line) => JSON.stringify(line).includes('inspection observer'));
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toContain('RangeError');
    expect(JSON.stringify(told)).not.toContain(SECRET);
  });

  test.each([7, {}, 'a text'])('is refused when it is %j', (inspect) => {
    expect(() => createPool({ inspect: inspect as never })).toThrow('an inspection observer');
  });
});
