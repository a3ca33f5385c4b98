import type { RequestContext } from '../contract/index.js';
import { areRequestsWatched } from '../observe/channels.js';
import { RequestTrace } from '../observe/request-trace.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { Ci } from './ci.js';

/** Gives a request to its CI. If anybody subscribes to the channels of requests, publishes its events from now on. */
export function admit(
  request: PendingRequest,
  ci: Ci,
  nowMs: number,
  operation: RequestContext['operation'],
  message: unknown,
): void {
  if (!areRequestsWatched()) return ci.admit(request, nowMs);
  const { name, url, pool } = ci;
  const trace = new RequestTrace({ pool, ci: name, url, operation, type: request.type, message });
  ci.admit(request, nowMs, trace);
  trace.returned();
}
