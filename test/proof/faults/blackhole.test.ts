import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Blackhole, openBlackhole } from '../../support/blackhole.js';
import { holdCells, rowsOf } from './hold-cells.js';

let hole: Blackhole;
beforeAll(async () => {
  hole = await openBlackhole();
});
afterAll(() => hole.close());

const open = async () => ({ url: hole.url, close: async () => {} });

describe('a port whose dials hang', () => {
  test.each(rowsOf('blackhole'))('$cells.length cells', ({ cells }) => holdCells(cells, open));
});
