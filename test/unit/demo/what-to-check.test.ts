import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/contract/index.js';
import { whatToCheck } from '../../../src/demo/what-to-check.js';
import { ChoragusError, type Code } from '../../../src/errors/index.js';

const failing = (...failed: Code[]): Outcome[] =>
  failed.map((code, index) => ({ ci: `ci${index}`, ok: false, error: new ChoragusError(code, 'x') }));

const advice = (cis: 'chorus' | 'environment', ...failed: Code[]): string =>
  whatToCheck({
    outcomes: failing(...failed),
    cis,
    deadlineMs: 2_000,
    addressOf: (ci) => `tcp://localhost:4500${ci.at(-1)}`,
  });

test('CIs that cannot be reached: shows their addresses, and the variables that change them', () => {
  const text = advice('environment', 'unavailable', 'unavailable');
  expect(text).toContain('None of the 2 CIs answered');
  expect(text).toContain('2 could not be reached, for example tcp://localhost:45000 (ci0)');
  for (const name of ['TEKTON_AI_PORT_BASE', 'TEKTON_PORT_BASE', '<COMPONENT>_PORT']) expect(text).toContain(name);
});

test('CIs that are slow: suggests a longer deadline', () => {
  expect(advice('environment', 'deadline_exceeded')).toContain('npm start -- --cis --deadline 20');
  expect(advice('chorus', 'deadline_exceeded')).toContain('npm start -- --deadline 20');
});

test('a chorus that cannot be reached: names what blocks the loopback', () => {
  expect(advice('chorus', 'unavailable')).toContain('127.0.0.1');
});

test('a message that is too long, and anything else', () => {
  const text = advice('environment', 'connection_lost', 'request_too_large');
  expect(text).toContain('65,536 bytes');
  expect(text).toContain('1 ended with connection_lost, for example tcp://localhost:45000 (ci0)');
});

test('the most frequent failure comes first, and no line is over 80 columns', () => {
  const text = advice('environment', 'connection_lost', 'unavailable', 'unavailable', 'deadline_exceeded');
  expect(text.indexOf('could not be reached')).toBeLessThan(text.indexOf('connection_lost'));
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
