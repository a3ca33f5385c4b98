import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { heldOrder } from '../ci-list.js';
import { model } from '../session.js';

/** How long a key that moved the cursor holds the order, in ms. */
const KEY_HOLD_MS = 5_000;

/** The names in the order to show, and what holds them in it. */
export interface HeldOrder {
  readonly names: readonly string[];
  /** True if rows keep their places, although they might sort differently now. */
  readonly isHeld: boolean;
  /** Notes whether the pointer is over the list. */
  readonly onPointer: (isOver: boolean) => void;
  /** Notes a key that moved the cursor. */
  readonly onKey: () => void;
}

/**
 * Holds the order while the user points at a row or moves along the list: a row must not move away from under the pointer.
 * Another choice of filters or columns sorts at once.
 */
export function useHeldOrder(sorted: readonly string[], choice: string): HeldOrder {
  const [isOver, onPointer] = useState(false);
  const [keyedMs, setKeyedMs] = useState<number>();
  const shown = useRef({ choice, names: sorted });
  useEffect(() => {
    if (keyedMs === undefined) return;
    const timer = setTimeout(() => setKeyedMs(undefined), KEY_HOLD_MS);
    return () => clearTimeout(timer);
  }, [keyedMs]);
  const isHeld = (isOver || keyedMs !== undefined) && model.isReady && shown.current.choice === choice;
  const names = useMemo(
    () => (isHeld ? heldOrder(shown.current.names, sorted, model.cis) : sorted),
    [sorted, isHeld, choice],
  );
  shown.current = { choice, names };
  return { names, isHeld, onPointer, onKey: () => setKeyedMs(performance.now()) };
}
