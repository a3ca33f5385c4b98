import { expect, test } from 'vitest';
import { Pulse } from '../../../../src/inspector/page/pulse.js';

const SERVICE = 1_000_000;

test("the service's time goes on from its last news, and stops after 1.5 s", () => {
  const pulse = new Pulse();
  expect(pulse.serviceTime(0)).toBeUndefined();
  pulse.note(SERVICE, 500);
  expect([500, 1_500, 2_000, 90_000].map((nowMs) => pulse.serviceTime(nowMs))).toEqual([
    SERVICE,
    SERVICE + 1_000,
    SERVICE + 1_500,
    SERVICE + 1_500,
  ]);
});

test('the service is silent after more than 3 s without news, until the next', () => {
  const pulse = new Pulse();
  expect(pulse.silentMs(90_000)).toBe(0);
  pulse.note(SERVICE, 500);
  expect([3_500, 3_501, 7_500].map((nowMs) => pulse.silentMs(nowMs))).toEqual([0, 3_001, 7_000]);
  pulse.note(SERVICE + 7_000, 7_500);
  expect(pulse.silentMs(8_500)).toBe(0);
});
