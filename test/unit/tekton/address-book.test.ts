import { NEVER, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { DrainReport, Reply } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { addressOf, addressOfUrl } from '../../../src/tekton/address.js';
import { AddressBook, addressBookOf, maxAddedCis, maxLeavingCis } from '../../../src/tekton/address-book.js';
import { FakePool, replyFrom } from './fake-pool.js';
import { fixture } from './fixture.js';

describe('an address', () => {
  test.each([
    ['localhost', 'localhost:1'],
    ['LocalHost', 'localhost:1'],
    ['10.0.0.1', '10.0.0.1:1'],
    ['my_service.local', 'my_service.local:1'],
    ['::1', '[::1]:1'],
    ['[::1]', '[::1]:1'],
    ['0:0:0:0:0:0:0:1', '[::1]:1'],
    ['2001:DB8::00ff', '[2001:db8::ff]:1'],
    ['fe80:0::1%eth0', '[fe80::1%eth0]:1'],
  ])('with host %s is %s', (host, address) => {
    expect(addressOf('sendMessage', host, 1)).toBe(address);
  });

  test.each([
    ['tcp://localhost:45012', 'localhost:45012'],
    ['tls://Athena:45005/', 'athena:45005'],
    ['tcp://[0:0::1]:7', '[::1]:7'],
    ['ws://gateway:80/path', 'gateway:80'],
    ['unix:/run/ci.sock', undefined],
    ['memory://apollo', undefined],
    ['odd://host:0', undefined],
    ['tcp://localhost:99999', undefined],
  ])('of the URL %s is %s', (url, address) => {
    expect(addressOfUrl(url)).toBe(address);
  });
});

describe('a message to an address', () => {
  test('goes to the CI that the pool has there, in any spelling of the address', async () => {
    const { client, pool } = fixture(
      {},
      { cis: { apollo: { url: 'tcp://[::1]:45012' }, athena: 'tls://Athena:45005' } },
    );
    await client.sendMessage('::1', 45012, 'one');
    await client.sendMessage('[0::1]', 45012, 'two');
    await client.sendMessage('ATHENA', 45005, 'three');
    expect(pool.calls.map(({ ci }) => ci)).toEqual(['apollo', 'apollo', 'athena']);
    expect(pool.cis).toEqual(['apollo', 'athena']);
  });

  test('adds a CI named after the address, once', async () => {
    const { client, pool } = fixture();
    const result = await client.sendMessage('::1', 45012, 'one');
    await client.sendMessage('[::1]', 45012, 'two');
    await client.ping('::1', 45012);
    expect(pool.cis).toEqual(['[::1]:45012']);
    expect(pool.snapshot().cis['[::1]:45012']?.url).toBe('tcp://[::1]:45012');
    expect(result).toMatchObject({ success: true });
  });

  test('goes to a CI that was added to the pool in between', async () => {
    const { client, pool } = fixture();
    await client.sendMessage('localhost', 1, 'one');
    pool.add('apollo', 'tcp://localhost:1');
    await client.sendMessage('localhost', 1, 'two');
    expect(pool.calls.map(({ ci }) => ci)).toEqual(['localhost:1', 'apollo']);
  });

  test('goes to the new address of a name that was added again', async () => {
    const { client, pool } = fixture({}, { cis: { apollo: 'tcp://a:1', athena: 'tcp://b:2' } });
    await client.sendMessage('a', 1, 'one');
    await pool.remove('apollo');
    pool.add('apollo', 'tcp://c:3');
    await client.sendMessage('a', 1, 'two');
    await client.sendMessage('c', 3, 'three');
    expect(pool.calls.map(({ ci }) => ci)).toEqual(['apollo', 'a:1', 'apollo']);
  });

  test('adds its CI again after a removal from outside', async () => {
    const { client, pool } = fixture();
    await client.sendMessage('localhost', 1, 'one');
    await pool.remove('localhost:1');
    expect(await client.sendMessage('localhost', 1, 'two')).toMatchObject({ success: true });
    expect(pool.cis).toEqual(['localhost:1']);
  });

  test('is rejected if its name belongs to a CI elsewhere', async () => {
    const { client, directs } = fixture({}, { cis: { 'localhost:1': 'tcp://other:2' } });
    expect(await client.sendMessage('localhost', 1, 'hello')).toMatchObject({
      success: false,
      error: '[invalid_config] localhost:1 is taken',
    });
    expect(directs).toEqual([]);
  });

  test('does not search the pool again while its CIs stay the same', async () => {
    const { client, pool } = fixture({}, { cis: { apollo: 'tcp://localhost:1' } });
    for (let count = 0; count < 10; count += 1) await client.sendMessage('localhost', 1 + (count % 2), 'hello');
    expect(pool.snapshots).toBe(1);
  });
});

describe('the added CIs', () => {
  function filled(pool: FakePool): AddressBook {
    const book = new AddressBook(pool);
    for (let port = 1; port <= maxAddedCis; port += 1) book.lease(book.add(`h:${port}`)).release();
    return book;
  }

  test('are limited: the least recently used one makes room', () => {
    const pool = new FakePool();
    const book = filled(pool);
    book.lease('h:1').release();
    book.add('new:1');
    expect(pool.removed).toEqual(['h:2']);
    expect(pool.cis).toHaveLength(maxAddedCis);
    expect(book.find('h:1')).toBe('h:1');
    expect(book.find('h:2')).toBeUndefined();
  });

  test('are not removed while in use', () => {
    const pool = new FakePool();
    const book = filled(pool);
    // Every other one is used again, so h:2 is the oldest of all, and in use.
    for (let port = 3; port <= maxAddedCis; port += 1) book.lease(`h:${port}`).release();
    book.lease('h:1').release();
    const lease = book.lease('h:2');
    for (let port = 3; port <= maxAddedCis; port += 1) book.lease(`h:${port}`).release();
    book.lease('h:1').release();
    book.add('new:1');
    expect(pool.removed).toEqual(['h:3']);
    lease.release();
  });

  test('are rejected when all are in use, as overloaded and not sent', () => {
    const pool = new FakePool();
    const book = filled(pool);
    for (let port = 1; port <= maxAddedCis; port += 1) book.lease(`h:${port}`);
    expect(() => book.add('new:1')).toThrow(ChoragusError);
    expect(pool.cis).toHaveLength(maxAddedCis);
    expect(pool.removed).toEqual([]);
  });

  test('do not leave faster than the pool can remove them', async () => {
    const pool = new FakePool();
    const gone = new Map<string, (report: DrainReport) => void>();
    const { remove } = pool;
    pool.remove = (ci) => {
      const report = remove.call(pool, ci);
      return new Promise((resolve) => gone.set(ci, () => resolve(report)));
    };
    const book = filled(pool);
    for (let port = 1; port <= maxLeavingCis; port += 1) book.add(`new:${port}`);
    expect(() => book.add('one:1')).toThrow('[overloaded]');
    expect(() => book.add('h:1')).toThrow('the CI h:1 is being removed');
    gone.get('h:1')?.({ finished: 0, cut: 0, durationMs: 0, cis: {} });
    await new Promise(setImmediate);
    expect(book.add('h:1')).toBe('h:1');
  });

  test('are gone even if their removal fails', async () => {
    const pool = new FakePool();
    const { remove } = pool;
    pool.remove = async (ci) => {
      await remove.call(pool, ci);
      throw new ChoragusError('unknown_ci', 'removed by another');
    };
    const book = filled(pool);
    book.add('new:1');
    await new Promise(setImmediate);
    expect(book.add('h:1')).toBe('h:1');
  });

  test('are released when a request ends, fails or is cut', async () => {
    const gate = new Subject<Reply>();
    const { client, pool } = fixture({ ask: () => gate });
    const under = client.sendMessage('h', 1, 'hello');
    const book = addressBookOf(pool);
    for (let port = 2; port <= maxAddedCis; port += 1) book.add(`h:${port}`);
    book.add('new:1');
    expect(pool.removed).toEqual(['h:2']);
    gate.next(replyFrom('h:1'));
    gate.complete();
    await under;
    for (let port = 3; port <= maxAddedCis; port += 1) book.lease(`h:${port}`).release();
    book.lease('new:1').release();
    book.add('new:2');
    expect(pool.removed).toEqual(['h:2', 'h:1']);
  });

  test('may leave before their lease is released', () => {
    const pool = new FakePool({ ask: () => NEVER });
    const book = new AddressBook(pool);
    const old = book.lease(book.add('h:1'));
    void pool.remove('h:1');
    expect(book.find('h:1')).toBeUndefined();
    const fresh = book.lease(book.add('h:1'));
    old.release();
    fresh.release();
    expect(book.find('h:1')).toBe('h:1');
  });

  test('belong to the pool, not to one of its clients', () => {
    const pool = new FakePool();
    expect(addressBookOf(pool)).toBe(addressBookOf(pool));
    expect(addressBookOf(new FakePool())).not.toBe(addressBookOf(pool));
  });
});
