import { describe, expect, test } from 'vitest';
import { oddLines, oddText } from '../../support/odd-lines.js';
import { rawIdOf } from '../../support/raw-json.js';
import { raw } from '../../support/raw-lines.js';
import type { RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { useRawProxy } from './raw-proxy-rig.js';

const { open } = useRawProxy();

const A = '{"type":"chat","content":"a"}';
const B = '{"type":"chat","content":"b","request_id":"x"}';
const LAST = '{"type":"chat","content":"last"}';
const contentOf = (line: string): unknown => JSON.parse(line).content;
const answering = (request: RawRequest): void => {
  request.reply(`{"type":"chat_response","content":"${contentOf(request.line)}"}\n`);
};

describe('a client', () => {
  test.each(oddLines)('sends %s', async (_, text) => {
    const { ci, client } = await open({ onRequest: answering });
    const one = await client();
    one.send(`${raw(oddText(text, A, B))}${LAST}\n`);
    expect((await soon(one.got(3), 'three answers')).map(contentOf)).toEqual(['a', 'b', 'last']);
    // None of it reaches the CI, where it could affect other clients.
    expect(ci.lines.map(({ line }) => contentOf(line)).sort()).toEqual(['a', 'b', 'last']);
    expect([one.lines.length, one.end]).toEqual([3, 'open']);
  });

  test('sends only white space, and ends', async () => {
    const { ci, client } = await open({ onRequest: answering });
    const one = await client();
    one.finish(raw('\ufeff\n \r\n\t'));
    expect(await soon(one.ended, 'the end')).toBe('');
    expect(ci.lines).toEqual([]);
  });

  test('sends a byte order mark with the first line of each of its connections', async () => {
    const { client } = await open({ onRequest: answering });
    for (let index = 0; index < 5; index += 1) {
      const one = await client();
      one.finish(raw(`\ufeff${A}`));
      expect(contentOf((await soon(one.ended, 'the end')).trim())).toBe('a');
    }
  });
});

const cis: readonly (readonly [what: string, isEchoing: boolean, ordering: 'proved' | 'trusted'])[] = [
  ['echoes ids', true, 'proved'],
  ['sends no ids', false, 'proved'],
  ['sends no ids, and whose order is trusted', false, 'trusted'],
];

describe.each(cis)('a CI that %s', (_, isEchoing, ordering) => {
  const reply = ({ line }: RawRequest): string => {
    const id = isEchoing ? `,"request_id":${rawIdOf(line)}` : '';
    return `{"type":"chat_response","content":"to ${contentOf(line)}"${id}}`;
  };

  test.each(oddLines)('sends %s', async (_, text) => {
    const { ci, client, pool } = await open({
      echoes: isEchoing,
      pool: { maxConnections: 1, pipelining: 2, ordering },
    });
    const one = await client();
    one.send(`${A}\n`);
    const first = await soon(ci.next(), 'the first request');
    const [before, between = ''] = raw(text).split('A');
    // Answers with the odd bytes around, with or without a request in flight.
    first.reply(`${before}${reply(first)}${between.split('B')[0]}`);
    expect((await soon(one.got(1), 'an answer')).map((line) => contentOf(line.trim()))).toEqual(['to a']);
    one.send(`${B}\n`);
    const second = await soon(ci.next(), 'the second request');
    second.reply(`${reply(second)}${raw(text).split('B')[1]}`);
    await soon(one.got(2), 'two answers');
    one.send(`${LAST}\n`);
    const last = await soon(ci.next(), 'the last request');
    last.reply(`${reply(last)}\n`);
    expect((await soon(one.got(3), 'three answers')).map((line) => contentOf(line.trim()))).toEqual([
      'to a',
      'to b',
      'to last',
    ]);
    expect([one.end, one.lines.length]).toEqual(['open', 3]);
    expect(pool.snapshot().totals.metrics).toMatchObject({ unsolicited: 0, orderViolations: 0 });
    // Connections on which the pool learns about a CI without ids are closed.
    if (isEchoing || ordering === 'trusted') expect(ci.connections.length).toBe(1);
  });

  test('sends a last line without an end, and closes', async () => {
    const { ci, client, proxy } = await open({ echoes: isEchoing, pool: { ordering } });
    const one = await client();
    one.finish('{"type":"chat","content":"a"}');
    const request = await soon(ci.next(), 'a request');
    request.reply(reply(request));
    request.connection.close();
    const line = reply(request).replace(/,"request_id":"[^"]*"/, '');
    expect([line, `${line}\n`]).toContain(await soon(one.ended, 'the end'));
    await until(() => proxy.clients === 0);
  });
});
