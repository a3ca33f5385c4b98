import type { ConnectionState } from '../../../contract/index.js';

/** One connection's states over time. */
export interface Lane {
  readonly name: string;
  readonly segments: readonly {
    readonly state: ConnectionState;
    readonly from: number;
    /** `undefined`: it lasts. */
    readonly to: number | undefined;
    readonly reason: string;
  }[];
}
