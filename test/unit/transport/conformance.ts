import { describe } from 'vitest';
import { backpressure } from './conformance/backpressure.js';
import { dialling } from './conformance/dialling.js';
import { ending } from './conformance/ending.js';
import { faults } from './conformance/faults.js';
import { reading } from './conformance/reading.js';
import { writing } from './conformance/writing.js';
import type { Wire } from './wire.js';

/** Tests one transport against the guarantees of `src/contract/transport.ts`. */
export function transportConformance(name: string, makeWire: () => Promise<Wire>): void {
  describe(name, () => {
    dialling(makeWire);
    ending(makeWire);
    reading(makeWire);
    faults(makeWire);
    writing(makeWire);
    backpressure(makeWire);
  });
}
