/** Something that went wrong, or that the supervisor did about it. */
export interface Incident {
  readonly kind: 'crashed' | 'restarted' | 'quarantined' | 'lifted' | 'out_of_order';
  readonly ci: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
  /** Of `out_of_order`, where content may be logged (`logContent`): the first 200 characters of the line. */
  readonly line?: string;
}
