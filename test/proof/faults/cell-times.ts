/** The times of a cell, in ms, before a repetition lengthens them. */
export const cellTimes = {
  /** Of the request, from its subscription. */
  deadlineMs: 130,
  /** Of a streamed request, from its write. */
  firstChunkTimeoutMs: 70,
  /** Of a streamed request, from its last chunk. */
  idleTimeoutMs: 70,
  /** Of a dial. */
  connectTimeoutMs: 60,
  /** Of a dial that outlasts its request. */
  longConnectTimeoutMs: 1_000,
  /** Of the request before the one under test, if it is soon cancelled. */
  shortMs: 60,
  /** Of the request before the one under test, if it is not. */
  longMs: 1_000,
} as const;
