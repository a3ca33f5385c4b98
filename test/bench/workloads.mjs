const ask = { kind: 'ask', unit: 'request', measure: 'perSecond', connections: 1, warmTimes: 3 };
const fifo = { ...ask, correlation: 'ordered', concurrency: 64 };
/** With `work` the server takes 2 ms for an answer. It echoes ids only to `choragus-by-id`. */
const orders = { ...ask, correlation: 'ordered' };
const broadcast = { kind: 'broadcast', unit: 'broadcast', measure: 'perSecond', concurrency: 1, warmTimes: 3 };

/**
 * The rows of `run.mjs`: the same work for every contender that can do it.
 *
 * `unit` is the unit of counting. `measure` is the figure for comparison: `perSecond` (more is better) or `bytes` (less
 * is better). One operation of the closed loop has `perAct` units; the latencies are those of a whole operation.
 *
 * A warm-up takes `warmTimes` times as long as the shortest one: until V8 has compiled all code, and the rate
 * is constant. The more code a contender has, the later that is: 1 s after its start a cold request takes Choragus
 * three times as long as 5 s later, and the limit not twice as long.
 */
export const rates = {
  'ask c1': { ...ask, concurrency: 1, warmTimes: 4, about: 'one request at a time, on one connection' },
  'ask c64': { ...ask, concurrency: 64, about: '64 requests at a time, on one connection' },
  'ask c256': { ...ask, concurrency: 256, about: '256 requests at a time, on one connection' },
  stream: {
    kind: 'stream',
    unit: 'chunk',
    measure: 'perSecond',
    warmTimes: 5,
    connections: 1,
    concurrency: 4,
    chunks: 1_000,
    chunkBytes: 20,
    perAct: 1_000,
    about: 'four streams of 1,000 chunks of 20 bytes at a time, on one connection',
  },
  // Choragus has its default ordering here, `proved`: it writes a probe behind each request. `choragus-trusted` beside it writes none,
  // as the limit. Figures of versions without the option `ordering` are those of `choragus-trusted`.
  'fifo x1': { ...fifo, about: 'a peer that echoes no ids: 64 callers share one connection, one request at a time' },
  'fifo x4': { ...fifo, connections: 4, about: 'a peer that echoes no ids: 64 callers share four connections' },
  cold: {
    ...ask,
    kind: 'cold',
    concurrency: 8,
    warmTimes: 7,
    about: 'a new connection for each request, eight at a time',
  },
  'broadcast 18': {
    ...broadcast,
    cis: 18,
    part: 'answer',
    about: 'one message to 18 CIs, each on its own connection, until all have answered',
  },
  'broadcast 1000': {
    ...broadcast,
    cis: 1_000,
    part: 'answer',
    about: 'one message to 1,000 CIs, each on its own connection, until all have answered',
  },
  'idle memory': {
    kind: 'idle',
    unit: 'connection',
    measure: 'bytes',
    cis: 1_000,
    flags: ['--expose-gc'],
    about:
      'resident memory of the client process per connection: 1,000 connections that have each answered once and are idle',
  },
  allocation: {
    kind: 'allocation',
    unit: 'request',
    measure: 'bytes',
    connections: 1,
    concurrency: 64,
    requests: 20_000,
    // Room for everything allocated in the window, so that nothing is collected within it (in MiB).
    flags: ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'],
    about: 'heap allocated per request, 64 requests at a time, on one connection',
  },
};

/** The rows of `ordering/run.mjs`: the cost of proving the order of answers. */
export const orderings = {
  'order c1': { ...orders, concurrency: 1, warmTimes: 4, about: 'one request at a time, on one connection' },
  'order c64 x4': { ...orders, concurrency: 64, connections: 4, about: '64 callers share four connections' },
  'order c1, 2 ms': {
    ...orders,
    concurrency: 1,
    work: true,
    about: 'one request at a time, on one connection, 2 ms of work for each answer',
  },
  'order c64 x4, 2 ms': {
    ...orders,
    concurrency: 64,
    connections: 4,
    work: true,
    about:
      '64 callers share four connections, 2 ms of work for each answer; a connection answers one request at a time',
  },
};

/** All rows, by name. */
export const workloads = { ...rates, ...orderings };
