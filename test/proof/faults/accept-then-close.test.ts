import { describe, test } from 'vitest';
import { faults, scriptedCi } from '../../../src/testing/index.js';
import { holdCells, rowsOf } from './hold-cells.js';

const open = async () => {
  const ci = await scriptedCi({ script: faults.closesAfterAccept() });
  return { url: ci.url, close: () => ci.closed().then(() => ci.close()) };
};

describe('a peer that closes what it has accepted', () => {
  test.each(rowsOf('accept-then-close'))('$cells.length cells', ({ cells }) => holdCells(cells, open));
});
