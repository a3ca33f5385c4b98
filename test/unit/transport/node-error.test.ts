import { describe, expect, test } from 'vitest';
import { fromNodeError } from '../../../src/transport/socket/node-error.js';

function nodeError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 10.1.2.3:4567`), { code });
}

const codes = [
  ['ECONNREFUSED', 'nothing listens there'],
  ['ECONNRESET', 'the peer reset the connection'],
  ['EPIPE', 'the peer had closed the connection'],
  ['ETIMEDOUT', 'the network gave no answer'],
  ['EHOSTUNREACH', 'no route to the host'],
  ['ENETUNREACH', 'no route to the network'],
  ['ENOTFOUND', 'the host name is unknown'],
  ['EAI_AGAIN', 'the host name could not be looked up just now'],
  ['EACCES', 'the system does not allow it'],
  ['EMFILE', 'this process has too many open files'],
  ['ENFILE', 'the system has too many open files'],
  ['ENOENT', 'there is no such socket file'],
  ['EADDRNOTAVAIL', 'no free local port, or no such local address'],
] as const;

describe.each(codes)('%s', (code, meaning) => {
  test('while dialling: unavailable, and not sent', () => {
    const cause = nodeError(code);
    const error = fromNodeError(cause, 'dialling', 'apollo');
    expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect', ci: 'apollo', cause });
    expect(error.reason).toBe(`cannot connect: ${meaning} (${code})`);
  });

  test('on a link: lost, and maybe sent', () => {
    const cause = nodeError(code);
    const error = fromNodeError(cause, 'linked', 'apollo');
    expect(error).toMatchObject({ code: 'connection_lost', delivery: 'maybe_sent', ci: 'apollo', cause });
    expect(error.phase).toBeUndefined();
    expect(error.reason).toBe(`the connection was lost: ${meaning} (${code})`);
  });
});

describe('TLS', () => {
  test.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'CERT_CHAIN_TOO_LONG',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  ])('%s is a refusal, and keeps its code', (code) => {
    expect(fromNodeError(nodeError(code), 'dialling', 'apollo').reason).toBe(
      `cannot connect: TLS was refused (${code})`,
    );
  });

  test.each(['INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED', 'HOSTNAME_MISMATCH', 'CRL_HAS_EXPIRED'])(
    '%s is a TLS refusal, too',
    (code) => {
      expect(fromNodeError(nodeError(code), 'dialling', 'apollo').reason).toContain('TLS was refused');
    },
  );
});

describe('an error without a code of its own', () => {
  test('all addresses of a host failed: the first error gives the reason', () => {
    const cause = new AggregateError([nodeError('ECONNREFUSED'), nodeError('ENETUNREACH')], 'all failed');
    const error = fromNodeError(cause, 'dialling', 'apollo');
    expect(error.reason).toBe('cannot connect: nothing listens there (ECONNREFUSED)');
    expect(error.cause).toBe(cause);
  });

  test('takes the code of a nested error', () => {
    const cause = new AggregateError([new AggregateError([nodeError('ETIMEDOUT')])]);
    expect(fromNodeError(cause, 'dialling', 'apollo').reason).toContain('(ETIMEDOUT)');
  });

  test('an empty aggregate keeps its own code', () => {
    expect(fromNodeError(Object.assign(new AggregateError([]), { code: 'EPIPE' }), 'linked', 'a').reason).toContain(
      '(EPIPE)',
    );
  });

  test.each([
    ['an unknown code', nodeError('EWEIRD'), 'EWEIRD'],
    ['no code', new Error('boom'), 'UNKNOWN'],
    ['a code that is a number', Object.assign(new Error('boom'), { code: 5 }), 'UNKNOWN'],
    ['no error at all', 'boom', 'UNKNOWN'],
    ['nothing', undefined, 'UNKNOWN'],
  ])('%s', (_what, cause, code) => {
    expect(fromNodeError(cause, 'linked', 'apollo').reason).toBe(
      `the connection was lost: the socket failed (${code})`,
    );
  });

  test('the words of the system are in the cause, not in the message', () => {
    const error = fromNodeError(nodeError('ECONNREFUSED'), 'dialling', 'apollo');
    expect(error.message).not.toContain('10.1.2.3');
  });
});
