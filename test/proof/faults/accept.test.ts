import { describe, test } from 'vitest';
import { holdCells, rowsOf } from './hold-cells.js';

describe('a peer that accepts every connection, and then', () => {
  test.each(rowsOf('accept'))('$row: $cells.length cells', ({ cells }) => holdCells(cells));
});
