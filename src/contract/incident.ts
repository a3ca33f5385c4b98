/** Something the supervisor saw or did. */
export interface Incident {
  readonly kind: 'crashed' | 'restarted' | 'quarantined' | 'lifted';
  readonly ci: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}
