/** Checks the benchmark's own calculations: `node test/bench/check.mjs`. Prints nothing if all is well. */
import assert from 'node:assert/strict';
import { closedLoop } from './closed-loop.mjs';
import { Histogram } from './histogram.mjs';
import { SlotTable } from './limit/slot-table.mjs';
import { answersTo } from './servers/answers.mjs';
import { spreadOf } from './spread.mjs';
import { summarise } from './summarise.mjs';

assert.equal(spreadOf([]), null);
assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, low: 1, high: 3, q1: 1.5, q3: 2.5 });
assert.deepEqual(spreadOf([4, 1]), { median: 2.5, low: 1, high: 4, q1: 1.75, q3: 3.25 });

const histogram = new Histogram();
for (let us = 1; us <= 10_000; us += 1) histogram.record(us / 1_000);
for (const part of [0.001, 0.5, 0.99, 0.999]) {
  const told = histogram.quantileUs(part);
  assert(Math.abs(told / (10_000 * part) - 1) < 0.01, `${told} µs at ${part}`);
}

const table = new SlotTable();
const first = table.add('first');
table.remove(first);
const second = table.add('second');
assert.notEqual(first, second);
assert.equal(table.get(first), undefined);
assert.equal(table.get(second), 'second');
assert.equal(table.get(7), undefined);
assert.equal(table.get(Number.NaN), undefined);

const echo = (content, done) => setImmediate(done, null, content);
const { operations } = await closedLoop({ act: echo, concurrency: 4, count: 100 });
assert.equal(operations, 100);
const swap = (_content, done) => setImmediate(done, null, 'another');
await assert.rejects(closedLoop({ act: swap, concurrency: 4, count: 100 }), /a wrong answer/);

const sample = (contender, round, perSecond) => ({ contender, round, perSecond, row: 'ask c1', p50us: round });
const samples = [sample('limit', 1, 100), sample('choragus', 1, 50), sample('limit', 2, 10), sample('choragus', 2, 10)];
const [row] = summarise(samples, [{ name: 'limit' }, { name: 'choragus', version: '1.0.0' }]);
assert.equal(row.contenders[1].ratio.median, 0.75);
assert.equal(row.contenders[1].p50us, 1.5);
const [toTrusted] = summarise(samples, [{ name: 'limit' }, { name: 'choragus' }], 'choragus');
assert.equal(toTrusted.base, 'choragus');
assert.equal(toTrusted.contenders[0].ratio.median, 1.5);

const typeOf = (message) => JSON.parse(answersTo(message)[0]).type;
for (const [type, reply] of Object.entries({ ping: 'pong', health: 'health_response', info: 'info_response' })) {
  assert.equal(typeOf(`{"type":"${type}"}`), reply);
  assert.equal(typeOf(`{"type":"${type}","request_id":"1"}`), reply);
}
assert.deepEqual(answersTo('{"type":"chat","content":"x"}'), ['{"type":"chat_response","ai_id":"echo","content":"x"}']);
