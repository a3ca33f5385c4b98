/**
 * The parts of a request's path, by file; the first match counts. V8's built-in functions (`JSON.parse`, string search) count
 * for their caller. `why` justifies each part that is neither socket nor JSON.
 */
export const parts = [
  {
    name: 'benchmark',
    fits: inFile('/test/bench/'),
    why: 'the closed loop itself: checks each reply, records its latency',
  },
  { name: 'socket', fits: ({ url }) => url.startsWith('node:'), why: '' },
  { name: 'JSON', fits: named('parseFrame', 'encodeChat', 'contentOf'), why: '' },
  {
    name: 'framing',
    fits: inFile('ndjson.js', 'tcp-transport.js'),
    why: 'finds line ends, and joins a character that two packets share',
  },
  {
    name: 'batching',
    fits: inFile('batched-channel.js', 'socket-channel.js'),
    why: 'one write a tick: a write for each request costs 3.5 times the throughput',
  },
  {
    name: 'Observable',
    fits: inFile('/rxjs/', 'request-observable.js'),
    why: 'the cost of `subscribe`: a subscriber and its teardown for each request',
  },
  {
    name: 'correlation',
    fits: inFile('correlator.js', 'slot-table.js', 'awaiting.js', 'frame-codec.js'),
    why: 'finds the request that a reply belongs to: never the wrong one',
  },
  {
    name: 'deadline',
    fits: inFile('deadline-wheel.js'),
    why: 'no request hangs: enters and leaves the wheel in constant time',
  },
  {
    name: 'metrics',
    fits: inFile('/observe/', 'request-stats.js'),
    why: 'counters and three histograms, for `snapshot()`',
  },
  {
    name: 'machines',
    fits: inFile('/xstate/', '/machines/', 'connection-machines.js', 'link.js', 'heartbeat.js'),
    why: 'none: no request passes a machine',
  },
  {
    name: 'request',
    fits: inFile('/pool/', '/request/', '/connection/', '/schedule/', 'encode-request.js'),
    why: 'plan, admission, choice of a connection, exactly one end, timings, the reply',
  },
  { name: 'garbage collection', fits: named('(garbage collector)'), why: 'of all of the above' },
  { name: 'idle', fits: named('(idle)', '(program)', '(root)'), why: 'waiting for the server, and the system' },
  {
    name: 'other',
    fits: () => true,
    why: "V8's own helpers: for example, those that create objects and compare strings",
  },
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
