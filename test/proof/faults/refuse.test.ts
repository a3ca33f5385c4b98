import { describe, test } from 'vitest';
import { NOBODY } from '../../support/stage.js';
import { holdCells, rowsOf } from './hold-cells.js';

const open = async () => ({ url: NOBODY, close: async () => {} });

describe('a port without a listener', () => {
  test.each(rowsOf('refuse'))('$cells.length cells', ({ cells }) => holdCells(cells, open));
});
