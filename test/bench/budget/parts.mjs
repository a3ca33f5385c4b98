/**
 * The parts of a request's path, by file; the first match counts. V8's built-in functions (`JSON.parse`, string search) count
 * for their caller. `why` justifies each part that is neither socket nor JSON.
 */
export const parts = [
  {
    name: 'benchmark',
    fits: inFile('/test/bench/'),
    why: 'the closed loop of the benchmark: checks each answer, and records its latency',
  },
  { name: 'socket', fits: ({ url }) => url.startsWith('node:'), why: '' },
  { name: 'JSON', fits: named('handLine', 'encodeChat', 'contentOf'), why: '' },
  {
    name: 'framing',
    fits: inFile('ndjson.js', 'tcp-transport.js', 'read-in-turns.js'),
    why: 'finds line ends, and joins characters that are split between packets',
  },
  {
    name: 'batching',
    fits: inFile('batched-channel.js', 'socket-channel.js'),
    why: 'one write per tick: one write per request would divide the throughput by 3.5',
  },
  {
    name: 'Observable',
    fits: inFile('/rxjs/', 'request-observable.js'),
    why: '`subscribe`: a subscriber and its teardown for each request',
  },
  {
    name: 'correlation',
    fits: inFile(
      'correlator.js',
      'slot-table.js',
      'awaiting.js',
      'frame-codec.js',
      'hand-over.js',
      'fence.js',
      'request-ids.js',
    ),
    why: 'finds the request that an answer belongs to',
  },
  {
    name: 'deadline',
    fits: inFile('deadline-wheel.js'),
    why: 'ends each request in time: adds to and removes from the wheel in constant time',
  },
  {
    name: 'metrics',
    fits: inFile('/observe/', 'request-stats.js'),
    why: 'counters and three histograms for `snapshot()`',
  },
  {
    name: 'request',
    fits: inFile('/pool/', '/request/', '/connection/', 'encode-request.js', 'system-clock.js'),
    why: 'admission, choice of a connection, exactly one end, timings, the reply',
  },
  { name: 'garbage collection', fits: named('(garbage collector)'), why: 'for all parts above' },
  {
    name: 'machines',
    fits: inFile('/xstate/', '/machines/'),
    why: 'none: requests do not pass through machines',
  },
  { name: 'idle', fits: named('(idle)', '(program)', '(root)'), why: 'waits for the server; time of the system' },
  { name: 'other', fits: () => true, why: "V8's own helpers, such as those that create objects and compare strings" },
];

/** Returns the part that a frame of a profile belongs to. */
export function partOf(frame) {
  return parts.find(({ fits }) => fits(frame)).name;
}

function inFile(...places) {
  return ({ url }) => places.some((place) => url.includes(place));
}

function named(...names) {
  return ({ functionName }) => names.includes(functionName);
}
