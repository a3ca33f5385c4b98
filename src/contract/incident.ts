/** Describes a fault that was noticed, or what the supervisor did about it. */
export interface Incident {
  /** `crashed`, `restarted`, `quarantined` and `lifted` concern the supervisor; `out_of_order` a CI's answers. */
  readonly kind: 'crashed' | 'restarted' | 'quarantined' | 'lifted' | 'out_of_order';
  /** The CI's name. */
  readonly ci: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
  /** For `out_of_order`: the line's first 200 characters, if `logContent` allows content. */
  readonly line?: string;
}
