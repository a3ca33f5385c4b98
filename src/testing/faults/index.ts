import { delays, late, outOfOrder, replies, repliesInOrder } from './answering.js';
import { closesAfterAccept, cutOff, halfOpen, hangs, resets, slowLoris } from './broken-connections.js';
import {
  duplicates,
  garbage,
  notAnObject,
  oversize,
  splitBytes,
  unsolicited,
  withoutContent,
  wrongType,
} from './wrong-answers.js';

export type { AnswerWith, LateScript } from './answering.js';

/**
 * Provides scripts for `scriptedCi`: one for each correct or wrong behaviour of a peer. A wrong argument throws a
 * ChoragusError, `invalid_config`.
 *
 * @example
 * ```ts
 * await using ci = await scriptedCi({ script: faults.cutOff() });
 * ```
 */
export const faults = {
  replies,
  repliesInOrder,
  delays,
  late,
  outOfOrder,
  hangs,
  closesAfterAccept,
  halfOpen,
  resets,
  cutOff,
  garbage,
  notAnObject,
  oversize,
  splitBytes,
  slowLoris,
  duplicates,
  unsolicited,
  wrongType,
  withoutContent,
} as const;
