import type { ConnectionState } from '../../../contract/index.js';
import type { Model } from '../model.js';

/** One connection's states over time. */
export interface Lane {
  readonly name: string;
  readonly segments: readonly {
    readonly state: ConnectionState;
    readonly from: number;
    /** `undefined` for the current state. */
    readonly to: number | undefined;
    readonly reason: string;
  }[];
}

/** Returns the states of some connections over time, from their histories. */
export function lanesOf(model: Model, names: readonly string[]): Lane[] {
  return names.map((name) => {
    const history = model.histories.get(name) ?? [];
    const segments = history.map(({ to, at, reason }, index) => ({
      state: to,
      from: at,
      to: history[index + 1]?.at,
      reason,
    }));
    return { name, segments };
  });
}
