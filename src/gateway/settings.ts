import type { Priority } from '../contract/index.js';

/** Says what the holder of a key may do. */
export interface KeyRights {
  /** The CIs that it may ask, and sees in lists. Default: all. */
  readonly cis?: readonly string[] | undefined;
  /** Its requests' place in the queues of the CIs. Default: `normal`. */
  readonly priority?: Priority | undefined;
  /** Its requests that may be under way at once; one more gets status 429. Default: no limit of its own. */
  readonly maxInFlight?: number | undefined;
  /** Its requests in a minute; one more gets status 429. Default: no limit. */
  readonly requestsPerMinute?: number | undefined;
}

/** A key, and what its holder may do. */
export type Key = KeyRights & { readonly secret: string };

/** The settings of a gateway that single requests need. */
export interface CallSettings {
  /** The name that means all CIs. */
  readonly team: string | false;
  readonly teamDeadlineMs: number;
  readonly honestStatus: boolean;
  readonly maxBodyBytes: number;
  readonly maxUnreadBytes: number;
  readonly heartbeatMs: number;
}
