/** The times of a cell, in ms, before they are stretched for a repetition. */
export const cellTimes = {
  /** Of the request, from subscription. */
  deadlineMs: 130,
  /** Of a streamed one, from its write. */
  firstChunkTimeoutMs: 70,
  /** Of a streamed one, from its last chunk. */
  idleTimeoutMs: 70,
  /** Of a dial. */
  connectTimeoutMs: 60,
  /** Of the dial that outlasts its request. */
  longConnectTimeoutMs: 1_000,
  /** Of the request that stands before the one under test, and is given up soon. */
  shortMs: 60,
  /** Of the one that is not. */
  longMs: 1_000,
} as const;
