// The types alone: they are part of the package's types, which must not lead to those of xstate.

/** Configures `prometheusHandler`. */
export interface PrometheusOptions {
  /**
   * The number of CIs with series of their own, 0 to 100,000: the first ones that were added. The others are summed as
   * `ci="_other"`. Default: 200.
   */
  readonly maxCis?: number | undefined;
}
