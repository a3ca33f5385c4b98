/**
 * The parts of a request's way, by where the code stands; the first that fits counts. What V8 has built in (`JSON.parse`,
 * string search) is counted where it is called from. `why` argues for each part that is neither socket nor JSON.
 */
export const parts = [
  {
    name: 'benchmark',
    fits: inFile('/test/bench/'),
    why: 'the closed loop itself: checks each answer, notes its latency',
  },
  { name: 'socket', fits: ({ url }) => url.startsWith('node:'), why: '' },
  { name: 'JSON', fits: named('parseFrame', 'encodeChat', 'contentOf'), why: '' },
  {
    name: 'framing',
    fits: inFile('ndjson.js', 'tcp-transport.js'),
    why: 'finds line ends, and keeps a character that two packets share whole',
  },
  {
    name: 'batching',
    fits: inFile('batched-channel.js', 'socket-channel.js'),
    why: 'one write a tick: a write for each request costs 3.5 times the throughput',
  },
  {
    name: 'Observable',
    fits: inFile('/rxjs/', 'request-observable.js'),
    why: 'what `subscribe` costs: a subscriber and its teardown for each request',
  },
  {
    name: 'correlation',
    fits: inFile('correlator.js', 'slot-table.js', 'awaiting.js', 'frame-codec.js'),
    why: 'whose answer it is: never the wrong one',
  },
  {
    name: 'deadline',
    fits: inFile('deadline-wheel.js'),
    why: 'never a hang: in and out of the wheel, in constant time',
  },
  {
    name: 'metrics',
    fits: inFile('/observe/', 'ledger.js'),
    why: 'counters and three histograms: what `snapshot()` tells',
  },
  {
    name: 'request',
    fits: inFile('/pool/', 'encode-request.js', 'system-clock.js'),
    why: 'plan, admission, choice of a connection, exactly one end, timings, the reply',
  },
  { name: 'garbage collection', fits: named('(garbage collector)'), why: 'of all of the above' },
  { name: 'machines', fits: inFile('/xstate/', '/machines/', '/actors/'), why: 'none: no request passes a machine' },
  { name: 'idle', fits: named('(idle)', '(program)', '(root)'), why: 'waiting for the server, and the system' },
  { name: 'other', fits: () => true, why: "V8's own helpers, such as those that make objects and compare texts" },
];

/** The part that a frame of a profile belongs to. */
export function partOf(frame) {
  return parts.find(({ fits }) => fits(frame)).name;
}

function inFile(...places) {
  return ({ url }) => places.some((place) => url.includes(place));
}

function named(...names) {
  return ({ functionName }) => names.includes(functionName);
}
