import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CiServer, serveCi } from '../../../src/index.js';
import { startProgram } from '../../support/run-program.js';

let quick: CiServer;
let mute: CiServer;
beforeAll(async () => {
  quick = await serveCi({ id: 'quick', handler: ({ content }) => content });
  mute = await serveCi({ id: 'mute', handler: () => new Promise<string>(() => {}) });
});
afterAll(async () => {
  await quick.close();
  await mute.close();
});

/** A program with a pool of both CIs. */
const program = (body: string): string => `
  import { createPool } from 'choragus';
  import { firstValueFrom } from 'rxjs';
  const pool = createPool({ cis: { quick: '${quick.url}', mute: '${mute.url}' }, logger: false });
  ${body}
`;

describe('the life of a process', () => {
  test('an unused pool lets it end', async () => {
    expect(await startProgram(program('')).ended()).toEqual({ exit: 0, stdout: '', stderr: '' });
  });

  test('an idle pool with open connections lets it end', async () => {
    const ended = await startProgram(
      program(`
        console.log((await firstValueFrom(pool.ask('quick', 'hello'))).content);
        console.log((await pool.warm()).up.length);
      `),
    ).ended();
    expect(ended).toEqual({ exit: 0, stdout: 'hello\n2\n', stderr: '' });
  });

  test('a pool in a backoff lets it end', async () => {
    const ended = await startProgram(`
      import { createPool } from 'choragus';
      const pool = createPool({ cis: { gone: 'tcp://127.0.0.1:1' }, logger: false });
      console.log((await pool.warm()).down[0].error.code);
    `).ended();
    expect(ended).toEqual({ exit: 0, stdout: 'unavailable\n', stderr: '' });
  });

  test('a pending request keeps it alive until its deadline', async () => {
    const ended = await startProgram(
      program(`pool.ask('mute', 'hello', { deadlineMs: 150 }).subscribe({ error: ({ code }) => console.log(code) });`),
    ).ended();
    expect(ended).toEqual({ exit: 0, stdout: 'deadline_exceeded\n', stderr: '' });
  });

  test('a cancelled request does not keep it alive', async () => {
    const ended = await startProgram(
      program(`const asking = pool.ask('mute', 'hello').subscribe(); setImmediate(() => asking.unsubscribe());`),
    ).ended();
    expect(ended).toEqual({ exit: 0, stdout: '', stderr: '' });
  });

  test('close() settles and lets it end, even if a CI hangs', async () => {
    const ended = await startProgram(
      program(`
        pool.ask('mute', 'hello').subscribe({ error: ({ code, delivery }) => console.log(code, delivery) });
        await pool.warm();
        const report = await pool.close({ drainTimeoutMs: 50 });
        console.log(report.finished, report.cut);
      `),
    ).ended();
    expect(ended).toEqual({ exit: 0, stdout: 'closed maybe_sent\n0 1\n', stderr: '' });
  });

  test('SIGTERM drains as the README shows: requests in flight finish', async () => {
    const running = startProgram(`
      import { createPool, serveCi } from 'choragus';
      import { firstValueFrom } from 'rxjs';
      let answer;
      const slow = await serveCi({ id: 'slow', handler: () => new Promise((resolve) => { answer = resolve; }) });
      const pool = createPool({ cis: { slow: slow.url }, logger: false });
      process.once('SIGTERM', async () => {
        const closing = pool.close({ drainTimeoutMs: 5_000 });
        answer('at last');
        const { finished, cut } = await closing;
        console.log('drained', finished, cut);
        await slow.close();
      });
      pool.ask('slow', 'hello').subscribe(({ content }) => console.log(content));
      const waiting = setInterval(() => {
        if (answer === undefined) return;
        clearInterval(waiting);
        console.log('under way');
      }, 5);
    `);
    await running.printed('under way');
    running.child.kill('SIGTERM');
    expect(await running.ended()).toEqual({ exit: 0, stdout: 'under way\nat last\ndrained 1 0\n', stderr: '' });
  });
});
