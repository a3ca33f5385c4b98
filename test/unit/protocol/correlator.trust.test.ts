import { expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { Correlator } from '../../../src/protocol/correlator.js';
import { failure, prefix, Recorder, reply, rig } from './correlator-rig.js';

test('a table of its own trusts the order: it takes requests behind others, and hands answers on at once', () => {
  const correlator = new Correlator(prefix, { lateReplies: 0, duplicates: 0, unsolicited: 0 });
  const [first, second] = [new Recorder('chat', 'whole'), new Recorder('chat', 'whole')];
  correlator.add(first);
  expect(correlator.canTake(2, 10)).toBe(true);
  correlator.add(second);
  for (const text of ['1', '2']) correlator.receive(reply(text));
  expect([first.log, second.log]).toEqual([['answered 1'], ['answered 2']]);
});

test.each([
  ['trusted', 'fine', ['chunk a', 'failed ci_error']],
  ['unknown', 'desync', ['chunk a']],
] as const)('where the order is %s, an error without an id beside a stream with ids is %s', (kind, verdict, log) => {
  const { correlator, send } = rig(kind);
  const stream = send('chat', 'stream');
  const chunk: Frame = { type: 'stream_chunk', content: 'a', request_id: correlator.idOf(stream.number) };
  expect(correlator.receive(chunk)).toBe('fine');
  expect(correlator.receive(failure)).toBe(verdict);
  expect(stream.log).toEqual(log);
});
