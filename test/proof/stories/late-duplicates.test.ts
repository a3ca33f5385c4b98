import { describe, expect, test } from 'vitest';
import type { Frame, Pool } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

const proofs: Readonly<Record<string, string>> = { ping: 'pong', health: 'health_response', info: 'info_response' };

describe('an answer that is repeated without an id reaches no request', () => {
  const stage = useVirtualStage();

  /** A CI that answers one line after the other, cannot stream, and does what a message says. */
  function cast() {
    const slow: { peer: MemoryPeer; lines: Frame[] }[] = [];
    const answer = ({ type, content }: Frame, peer: MemoryPeer): void => {
      if (type !== 'chat') return peer.send({ type: proofs[String(type)] });
      peer.send({ type: 'chat_response', content: `to ${content}` });
      if (content === 'twice') peer.send({ type: 'chat_response', content: 'to twice' });
      if (content === 'leave') peer.close();
    };
    const { url } = stage.ci('apollo', (line, peer) => {
      const busy = slow.find((one) => one.peer === peer);
      if (busy !== undefined) busy.lines.push(line);
      else if (line.content === 'slow') slow.push({ peer, lines: [line] });
      else answer(line, peer);
    });
    const pool = stage.pool({ cis: { apollo: url }, maxConnections: 2 });
    const finish = (): void => {
      for (const { peer, lines } of slow.splice(0)) for (const line of lines) answer(line, peer);
    };
    return { slow, pool, finish };
  }

  /** Asks one question after the other. */
  async function ask(pool: Pool, ...contents: readonly string[]) {
    for (const content of contents) {
      const asked = watch(pool.ask('apollo', content));
      await stage.advance(500, 50);
      await asked.ended;
    }
  }

  test.each([
    ['out of step, so that it is learnt anew', 'twice', 'unknown'],
    ['gone between an answer and its proof, so that requests have fresh links', 'leave', 'fresh'],
  ])('though another link was %s', async (_name, content, ordering) => {
    const { slow, pool, finish } = cast();
    // This many prove its order, so a link is used again.
    await ask(pool, '1', '2', '3', '4', '5', '6');
    expect(pool.snapshot().cis.apollo?.ordering).toBe('proved');
    const stream = watch(pool.stream('apollo', 'slow'));
    await stage.advance(50, 10);
    await ask(pool, content);
    expect(pool.snapshot().cis.apollo?.ordering).toBe(ordering);
    slow[0]?.peer.send({ type: 'chat_response', content: 'to 6' });
    await stage.advance(200, 10);
    finish();
    await stage.advance(1_000, 50);
    await stream.ended;
    expect(stream.values.map((value) => value.content)).not.toContain('to 6');
  });
});
