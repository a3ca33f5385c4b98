import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { useStage } from '../../support/stage.js';
import type { CiProcess } from './ci-process.js';
import type { ServiceEntry, ServiceProcess } from './service-process.js';
import { useProcesses } from './use-processes.js';

const stage = useStage();
const processes = useProcesses();

/** Requests of the service to each CI: an echoing CI has all of them at once, a FIFO CI one for each connection. */
const EACH = 12;
const CONNECTIONS = 4;

/** A service whose requests are all held by its CIs, or wait for a slot. */
async function serviceUnderWay(drainTimeoutMs: number) {
  const [echoing, fifo] = await Promise.all([processes.ci('echoing', 'byId'), processes.ci('fifo', 'ordered')]);
  const cis = { echoing: echoing.url, fifo: fifo.url };
  const service = processes.service({ cis, requestsEach: EACH, drainTimeoutMs });
  await Promise.all([echoing.printed(`held ${CONNECTIONS};`), fifo.printed(`held ${CONNECTIONS};`)]);
  // The first answers show that this CI echoes: the rest follows.
  await ask(echoing, `release ${CONNECTIONS}`);
  await Promise.all([service.printed(`ended ${CONNECTIONS};`), echoing.printed(`held ${EACH - CONNECTIONS};`)]);
  return { echoing, fifo, service };
}

/** Sends a request to a CI beside the service. */
async function ask(ci: CiProcess, content: string): Promise<string> {
  const pool = stage.pool({ cis: { [ci.id]: ci.url } });
  const reply = await firstValueFrom(pool.ask(ci.id, content));
  await pool.close();
  return reply.content;
}

/** How many requests to a CI ended in each way. */
function outcomesOf(service: ServiceProcess, ci: CiProcess): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { content, outcome } of service.entries) {
    if (!content.startsWith(`${ci.id}.`)) continue;
    const kind = outcome.startsWith('reply ') ? 'reply' : outcome;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Compares both ledgers: what the service reports of a request, and whether the CI received it. */
function faultsBetween(service: ServiceProcess, ci: CiProcess): string[] {
  const executed = ci.executed;
  const times = (entry: ServiceEntry): number => executed.filter((content) => content === entry.content).length;
  const entries = service.entries.filter(({ content }) => content.startsWith(`${ci.id}.`));
  const foreign = executed.filter((content) => !entries.some((entry) => entry.content === content));
  const wrong = entries.filter((entry) => {
    if (times(entry) > 1) return true;
    if (entry.outcome.endsWith(' not_sent')) return times(entry) > 0;
    if (entry.outcome.startsWith('reply')) return times(entry) !== 1 || entry.outcome !== `reply re ${entry.content}`;
    return false;
  });
  return [...foreign, ...wrong.map(({ content, outcome }) => `${content}: ${outcome}`)];
}

describe('while a service drains', () => {
  test('it is killed: its CIs keep nothing of it, and its earlier answers were true', async () => {
    const { echoing, fifo, service } = await serviceUnderWay(20_000);
    await service.drain();
    await ask(echoing, 'release 3');
    // Includes the two requests that came too late.
    await service.printed(`ended ${CONNECTIONS + 2 + 3};`);
    await service.end();
    // A killed client looks like one that has sent its last question: its CIs notice its end when they answer.
    await Promise.all([ask(echoing, `release ${EACH}`), ask(fifo, `release ${EACH}`)]);

    expect(outcomesOf(service, echoing)).toEqual({
      reply: CONNECTIONS + 3,
      'closed not_sent': 1,
      pending: EACH - CONNECTIONS - 3,
    });
    expect(outcomesOf(service, fifo)).toEqual({ 'closed not_sent': 1, pending: EACH });
    expect([...faultsBetween(service, echoing), ...faultsBetween(service, fifo)]).toEqual([]);
    expect([echoing.executed.length, fifo.executed.length]).toEqual([EACH, CONNECTIONS]);
    const pool = stage.pool({ cis: { echoing: echoing.url, fifo: fifo.url } });
    for (const ci of ['echoing', 'fifo']) {
      // In the end the only client is the test.
      while ((await firstValueFrom(pool.request(ci, { type: 'health' }))).raw.clients !== 1);
      expect(await firstValueFrom(pool.ask(ci, 'after'))).toMatchObject({ content: 're after' });
    }
  });

  test('its CIs are killed: the drain ends with them, and reports the result of each request', async () => {
    const { echoing, fifo, service } = await serviceUnderWay(20_000);
    await service.drain();
    await Promise.all([echoing.kill(), fifo.kill()]);
    const { exit, stdout } = await service.ended();

    expect(exit).toBe(0);
    // Requests that had ended before the drain do not count.
    expect(stdout).toContain(`drained ${2 * EACH - CONNECTIONS} 0;`);
    expect(outcomesOf(service, echoing)).toEqual({
      reply: CONNECTIONS,
      'closed not_sent': 1,
      'connection_lost maybe_sent': EACH - CONNECTIONS,
    });
    expect(outcomesOf(service, fifo)).toEqual({
      'closed not_sent': 1,
      'connection_lost maybe_sent': CONNECTIONS,
      'unavailable not_sent': EACH - CONNECTIONS,
    });
    expect([...faultsBetween(service, echoing), ...faultsBetween(service, fifo)]).toEqual([]);
  });

  test('its CIs freeze: the drain cuts them when its time is over, and they never receive what it calls not sent', async () => {
    const { echoing, fifo, service } = await serviceUnderWay(150);
    echoing.freeze();
    fifo.freeze();
    await service.drain();
    const { exit, stdout } = await service.ended();
    expect(exit).toBe(0);
    expect(stdout).toContain(`drained 0 ${2 * EACH - CONNECTIONS};`);
    echoing.thaw();
    fifo.thaw();
    await Promise.all([echoing.printed(`left ${EACH - CONNECTIONS};`), fifo.printed(`left ${CONNECTIONS};`)]);

    expect(outcomesOf(service, echoing)).toEqual({
      reply: CONNECTIONS,
      'closed not_sent': 1,
      'closed maybe_sent': EACH - CONNECTIONS,
    });
    expect(outcomesOf(service, fifo)).toEqual({
      'closed maybe_sent': CONNECTIONS,
      'closed not_sent': EACH - CONNECTIONS + 1,
    });
    expect([...faultsBetween(service, echoing), ...faultsBetween(service, fifo)]).toEqual([]);
    expect([echoing.executed.length, fifo.executed.length]).toEqual([EACH, CONNECTIONS]);
  });
});
