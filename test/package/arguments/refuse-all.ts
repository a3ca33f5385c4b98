import { ChoragusError } from '../../../src/index.js';
import { failureOf } from './failure-of.js';
import { isRight } from './kinds.js';
import type { Row } from './row.js';
import { makeWorld } from './world.js';
import { values } from './wrong-values.js';

/** Faults: one line for each value that was not rejected correctly. */
export async function faultsOf(row: Row): Promise<readonly string[]> {
  const faults: string[] = [];
  let tried = 0;
  await using world = makeWorld();
  for (const [name, make] of Object.entries(values)) {
    if (isRight(row.right, make())) continue;
    tried += 1;
    const came = await failureOf(() => row.act(make(), world));
    const fault = 'refused' in came ? faultOf(came.refused, row.names) : 'was accepted';
    if (fault !== undefined) faults.push(`${name}: ${fault}`);
  }
  if (tried < 20) faults.push(`only ${tried} wrong values were tried`);
  if (world.peers.length > 0) faults.push(`${world.peers.length} links were dialled`);
  if (world.received.length > 0) faults.push(`${world.received.length} requests were sent`);
  if (world.clock.pending > 0) faults.push(`${world.clock.pending} timers were left`);
  if (world.pool.state !== 'running') faults.push(`the pool is ${world.pool.state}`);
  return faults;
}

/** Returns the fault of a rejection. */
function faultOf(error: unknown, names: Row['names']): string | undefined {
  if (!(error instanceof ChoragusError)) return `raw error: ${String(error)}`;
  const { code, delivery, message } = error;
  if (code !== 'invalid_config' || delivery !== 'not_sent') return `${delivery}: ${message}`;
  const pattern = typeof names === 'string' ? new RegExp(`\\b${names}\\b`) : names;
  if (!pattern.test(message)) return `does not name ${names}: ${message}`;
  // Words of V8 or of valibot.
  if (/Invalid |Cannot |not a function|\[object|undefined is/.test(message)) return `not in our words: ${message}`;
  return message.length > 400 ? `too long: ${message}` : undefined;
}
