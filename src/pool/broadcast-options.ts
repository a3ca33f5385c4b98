import * as v from 'valibot';
import { check, copied, expected, listOf, optionsOf } from '../checks/index.js';
import type { BroadcastOptions, ReplyMode } from '../contract/index.js';
import { invalidConfig } from '../errors/index.js';
import { CheckedOptions, plainCopy, readRequestOptions } from '../request/request-options.js';
import type { PoolSettings } from './options.js';

/** What a broadcast's options come to. */
export interface BroadcastPlan {
  /** The CIs to ask; undefined for all. */
  readonly to: readonly string[] | undefined;
  readonly replyMode: ReplyMode;
  /** The options of each CI's request. */
  readonly options: CheckedOptions;
}

const ciName = expected<string>('the name of a CI', (name) => typeof name === 'string');
/** CIs to ask or to dial. Whether there are such is not looked at. */
export const ciNames = listOf(ciName, 'a list of names');

/** Its own options; all others are those of its requests. */
const own = optionsOf({
  to: v.optional(ciNames),
  stream: v.optional(v.boolean('true or false'), false),
});

/**
 * Checks a broadcast's options, and fills in the pool's defaults.
 *
 * @throws ChoragusError `invalid_config`, naming the bad option, its value and what it takes.
 */
export function readBroadcastOptions(
  options: BroadcastOptions | undefined,
  { broadcastDeadlineMs, broadcastConnectTimeoutMs }: PoolSettings,
): BroadcastPlan {
  const defaults = { deadlineMs: broadcastDeadlineMs, connectTimeoutMs: broadcastConnectTimeoutMs };
  if (options === undefined) return { to: undefined, replyMode: 'whole', options: new CheckedOptions(defaults) };
  const { to, stream, onEnd, ...rest } = ownOf(options);
  if (onEnd !== undefined) throw invalidConfig('onEnd is not an option of a broadcast: its outcomes are the ends');
  const replyMode = stream ? 'stream' : 'whole';
  const request = readRequestOptions(replyMode, rest, 'broadcast');
  const { deadlineMs = broadcastDeadlineMs, connectTimeoutMs = broadcastConnectTimeoutMs } = request;
  return { to, replyMode, options: new CheckedOptions({ ...request, deadlineMs, connectTimeoutMs }) };
}

interface Own extends Readonly<Record<string, unknown>> {
  readonly to: readonly string[] | undefined;
  readonly stream: boolean;
}

/** The options, each read once, with its own checked; the schema is asked where a look at them finds something odd. */
function ownOf(options: unknown): Own {
  const given = plainCopy(options) ?? check(copied('an object'), options, { of: 'broadcast' });
  const { to, stream } = given;
  if (to === undefined && (stream === undefined || typeof stream === 'boolean')) {
    return { ...given, to, stream: stream === true };
  }
  return { ...given, ...check(own, { to, stream }, { of: 'broadcast' }) } as Own;
}
