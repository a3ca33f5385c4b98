import { expect, test } from 'vitest';
import type { ConnectionStateMessage, IncidentMessage, LateReplyMessage, Transport } from '../../../src/index.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { useChannels } from '../../support/record-channels.js';
import { answers, changesOf, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const channels = useChannels();

function collect<T>(channel: string): T[] {
  const messages: T[] = [];
  channels.on(channel, (message) => messages.push(message as T));
  return messages;
}

test('choragus:connection:state publishes what states$ emits, with the pool', async () => {
  const messages = collect<ConnectionStateMessage>('choragus:connection:state');
  const pool = stage.pool({ cis: { apollo: stage.ci('apollo', answers).url, hermes: 'memory://nobody' } });
  const changes = changesOf(pool);
  const warm = pool.warm();
  await stage.advance(3_000, 100);
  await warm;
  await pool.close();
  expect(messages).toEqual(changes.map((change) => ({ ...change, pool })));
  expect(messages.map(({ ci, to }) => `${ci} ${to}`)).toEqual(
    expect.arrayContaining(['apollo healthy', 'apollo closed', 'hermes reconnecting']),
  );
});

test('choragus:incident publishes the incidents, with the pool', async () => {
  const messages = collect<IncidentMessage>('choragus:incident');
  const broken: Transport = {
    prepare: () => () => {
      throw new TypeError('a bug in the transport');
    },
  };
  const pool = stage.pool({ cis: { apollo: 'broken://apollo' }, transports: { broken }, maxRestarts: 0 });
  pool.ask('apollo', 'hello').subscribe({ error: () => {} });
  await stage.advance(50);
  const { incidents } = watchableOf(pool);
  expect(messages).toEqual(incidents.map((incident) => ({ ...incident, pool })));
  expect(messages).toMatchObject([{ kind: 'crashed' }, { kind: 'quarantined', ci: 'apollo' }]);
});

test('choragus:late_reply publishes each dropped answer to an abandoned request, and no other dropped frame', async () => {
  const messages = collect<LateReplyMessage>('choragus:late_reply');
  const apollo = stage.ci('apollo', ({ type, request_id, content }, peer) => {
    if (type === 'ping') return peer.send({ type: 'pong', request_id });
    const answer = { type: 'chat_response', content, request_id };
    if (content === 'late') stage.clock.setTimeout(() => peer.send(answer), 200, 'background');
    else for (let time = 0; time < 2; time += 1) peer.send(answer);
  });
  const pool = stage.pool({ cis: { apollo: apollo.url } });
  pool.ask('apollo', 'twice').subscribe();
  await stage.advance(50);
  pool.ask('apollo', 'late', { deadlineMs: 100 }).subscribe({ error: () => {} });
  await stage.advance(150);
  expect(messages).toEqual([]);
  await stage.advance(100);
  const { lateReplies, duplicates } = pool.snapshot().totals.metrics;
  expect([lateReplies, duplicates]).toEqual([1, 1]);
  expect(messages).toEqual([{ pool, ci: 'apollo', connection: 'apollo#1', at: expect.any(Number) }]);
});
