import * as v from 'valibot';
import { check, copied, expected, listOf, optionsOf } from '../checks/index.js';
import type { BroadcastOptions, ReplyMode } from '../contract/index.js';
import { invalidConfig } from '../errors/index.js';
import { CheckedOptions, plainCopy, readRequestOptions } from '../request/request-options.js';
import type { PoolSettings } from './options.js';

/** A broadcast's checked options. */
export interface BroadcastPlan {
  /** The CIs to ask; undefined for all. */
  readonly to: readonly string[] | undefined;
  readonly replyMode: ReplyMode;
  /** The options of each CI's request. */
  readonly options: CheckedOptions;
}

const ciName = expected<string>('the name of a CI', (name) => typeof name === 'string');
/** CIs to ask or to dial. Whether the pool has them is checked later. */
export const ciNames = listOf(ciName, 'a list of names');

/** The options of the broadcast itself; all others belong to its requests. */
const own = optionsOf({
  to: v.optional(ciNames),
  stream: v.optional(v.boolean('true or false'), false),
});

/**
 * Checks a broadcast's options, and adds the pool's defaults.
 *
 * @throws ChoragusError `invalid_config` with the bad option, its value and what it accepts.
 */
export function readBroadcastOptions(
  options: BroadcastOptions | undefined,
  { broadcastDeadlineMs, broadcastConnectTimeoutMs }: PoolSettings,
): BroadcastPlan {
  const defaults = { deadlineMs: broadcastDeadlineMs, connectTimeoutMs: broadcastConnectTimeoutMs };
  if (options === undefined) return { to: undefined, replyMode: 'whole', options: new CheckedOptions(defaults) };
  const { to, stream, onEnd, ...rest } = ownOf(options);
  if (onEnd !== undefined) throw invalidConfig('onEnd is not an option of a broadcast: use its outcomes');
  const replyMode = stream ? 'stream' : 'whole';
  const request = readRequestOptions(replyMode, rest, 'broadcast');
  const { deadlineMs = broadcastDeadlineMs, connectTimeoutMs = broadcastConnectTimeoutMs } = request;
  return { to, replyMode, options: new CheckedOptions({ ...request, deadlineMs, connectTimeoutMs }) };
}

interface Own extends Readonly<Record<string, unknown>> {
  readonly to: readonly string[] | undefined;
  readonly stream: boolean;
}

/** Reads each option once, and checks the broadcast's own. The schema runs only if something is unusual. */
function ownOf(options: unknown): Own {
  const given = plainCopy(options) ?? check(copied('an object'), options, { of: 'broadcast' });
  const { to, stream } = given;
  if (to === undefined && (stream === undefined || typeof stream === 'boolean')) {
    return { ...given, to, stream: stream === true };
  }
  return { ...given, ...check(own, { to, stream }, { of: 'broadcast' }) } as Own;
}
