import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { parseAddress } from '../../../src/transport/tcp/address.js';

function refusal(url: string): ChoragusError {
  try {
    parseAddress(url, 'apollo');
  } catch (error) {
    if (error instanceof ChoragusError) return error;
    throw error;
  }
  throw new Error(`${url} was taken`);
}

const FORMS = 'its url must be tcp://host:port, tls://host:port or unix:/path';

describe('parseAddress', () => {
  test.each([
    ['tcp://localhost:45012', { wire: 'tcp', host: 'localhost', port: 45_012 }],
    ['tls://athena.example.org:1', { wire: 'tls', host: 'athena.example.org', port: 1 }],
    ['tcp://127.0.0.1:65535/', { wire: 'tcp', host: '127.0.0.1', port: 65_535 }],
    ['tcp://[::1]:45012', { wire: 'tcp', host: '::1', port: 45_012 }],
    ['tls://[2001:db8::FF]:443', { wire: 'tls', host: '2001:db8::FF', port: 443 }],
    ['tcp://[fe80::1%eth0]:80', { wire: 'tcp', host: 'fe80::1%eth0', port: 80 }],
    ['tcp://[::ffff:10.0.0.1]:80', { wire: 'tcp', host: '::ffff:10.0.0.1', port: 80 }],
    ['tcp://ci_with-marks.local:80', { wire: 'tcp', host: 'ci_with-marks.local', port: 80 }],
    ['unix:/run/ci.sock', { wire: 'unix', path: '/run/ci.sock' }],
    ['unix:///run/ci.sock', { wire: 'unix', path: '/run/ci.sock' }],
    ['unix:/with space/ci:1.sock', { wire: 'unix', path: '/with space/ci:1.sock' }],
  ])('%s', (url, address) => {
    expect(parseAddress(url, 'apollo')).toEqual(address);
  });

  test.each([
    '',
    'localhost',
    'localhost:45012',
    'tcp:localhost:45012',
    'tcp://',
    'tcp://localhost',
    'tcp://localhost:',
    'tcp://:45012',
    'tcp://localhost:port',
    'tcp://localhost:-1',
    'tcp://localhost:1.5',
    'tcp://localhost:123456',
    'tcp://localhost:1/path',
    'tcp://localhost:1?x=1',
    'tcp://localhost:1#x',
    'tcp://local host:1',
    'tcp://::1:45012',
    'tcp://[]:1',
    'tcp://[::1:1',
    'tcp://user@localhost:1',
    'TCP://localhost:1',
    ' tcp://localhost:1',
    'tcp://localhost:1\n',
    'udp://localhost:1',
    'http://localhost:1',
  ])('rejects %j', (url) => {
    expect(refusal(url)).toMatchObject({ code: 'invalid_config', delivery: 'not_sent', ci: 'apollo' });
    expect(refusal(url).reason).toBe(`CI "apollo": ${FORMS}`);
  });

  test.each([0, 65_536, 99_999])('names a bad port: %i', (port) => {
    expect(refusal(`tcp://h:${port}`).reason).toBe(`CI "apollo": its port ${port} is out of range: use 1 to 65535`);
  });

  test.each(['unix:', 'unix:/', 'unix:run/ci.sock', 'unix:./ci.sock', 'unix:///'])(
    'rejects a path that is not absolute: %s',
    (url) => {
      expect(refusal(url).reason).toContain('absolute path');
    },
  );

  test('limits a path in bytes, to the size of a socket address', () => {
    const path = (bytes: number) => `/${'é'.repeat((bytes - 1) / 2)}`;
    expect(Buffer.byteLength(path(103))).toBe(103);
    expect(parseAddress(`unix:${path(103)}`, 'apollo')).toEqual({ wire: 'unix', path: path(103) });
    expect(refusal(`unix:${path(105)}`).reason).toContain('use at most 103');
  });

  test('rejects a unix URL with a host', () => {
    expect(refusal('unix://run/ci.sock').code).toBe('invalid_config');
  });

  test('reads any host and any port', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(fc.constantFrom('tcp', 'tls'), host, fc.integer({ min: 1, max: 65_535 }), (wire, name, port) => {
        const written = name.includes(':') ? `[${name}]` : name;
        expect(parseAddress(`${wire}://${written}:${port}`, 'apollo')).toEqual({ wire, host: name, port });
      }),
    );
  });

  test('rejects any other text with its own error, and shows nothing of a password', () => {
    const user = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom('tcp', 'tls', 'http'), user, fc.string(), (scheme, name, tail) => {
        const error = refusal(`${scheme}://${name}:hunter2@localhost${tail.replace(/\d/g, '')}`);
        expect(error.code).toBe('invalid_config');
        expect(error.message).not.toContain('hunter2');
      }),
    );
  });
});
