import { describe, test } from 'vitest';
import { faults, scriptedCi } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { holdCells, rowsOf } from './hold-cells.js';

// The pool of a cell knows no authority that has signed this certificate.
const open = async () => {
  const ci = await scriptedCi({ script: faults.replies(), listen: { tls: certificates.server } });
  return { url: ci.url, close: () => ci.closed().then(() => ci.close()) };
};

describe('a peer whose certificate is bad', () => {
  test.each(rowsOf('TLS failure'))('$cells.length cells', ({ cells }) => holdCells(cells, open));
});
