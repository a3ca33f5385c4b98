import { actOf } from './act-of.mjs';
import { closedLoop } from './closed-loop.mjs';

/** Minimum number of samples beyond a quantile. */
const FEWEST_BEYOND = 5;

/** Measures operations a second, with their latencies and the client's CPU time, after a warm-up of the same work. */
export async function measureRate(workload, contender, target, { seconds, warmupMs }) {
  const { concurrency, warmTimes, perAct = 1 } = workload;
  const { act, close } = await actOf(workload, contender, target);
  await closedLoop({ act, concurrency, durationMs: warmupMs * warmTimes });
  const measured = await closedLoop({ act, concurrency, durationMs: seconds * 1_000 });
  await close();
  const operations = measured.operations * perAct;
  return {
    operations,
    seconds: measured.seconds,
    perSecond: operations / measured.seconds,
    cpuUsPerOperation: measured.cpuUs / operations,
    p50us: latencyUs(measured, 0.5),
    p99us: latencyUs(measured, 0.99),
    p999us: latencyUs(measured, 0.999),
  };
}

/** Returns a quantile, unless too few operations lie beyond it. */
function latencyUs({ histogram, operations }, part) {
  return operations * (1 - part) >= FEWEST_BEYOND ? histogram.quantileUs(part) : undefined;
}
