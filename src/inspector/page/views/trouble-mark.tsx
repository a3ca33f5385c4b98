import type { JSX } from 'preact';
import type { Severity, TroubleKind } from '../troubles.js';

/** How a severity looks without its colour. */
export const shapes: Readonly<Record<Severity, string>> = { bad: '▲', warning: '◆', note: '○' };

/** The troubles that the machine's state does not tell: a word for the list, and a letter for the cells. */
const hidden: Readonly<Partial<Record<TroubleKind, { readonly word: string; readonly letter: string }>>> = {
  failing: { word: 'failing', letter: 'F' },
  'failing some': { word: 'failing', letter: 'F' },
  unanswered: { word: 'no answers', letter: 'U' },
};

/** Returns the letter of a trouble that the state does not tell; `undefined` for any other. */
export function letterOfTrouble(kind: TroubleKind | undefined): string | undefined {
  return kind === undefined ? undefined : hidden[kind]?.letter;
}

interface TroubleMarkProps {
  readonly kind: TroubleKind;
  readonly severity: Severity;
}

/** Marks a CI whose machine is up, but whose requests fail: a shape and a word beside the colour. */
export function TroubleMark({ kind, severity }: TroubleMarkProps): JSX.Element | null {
  const word = hidden[kind]?.word;
  if (word === undefined) return null;
  return (
    <span class={`mark-${severity} trouble-mark`}>
      <span aria-hidden="true">{shapes[severity]}</span> {word}
    </span>
  );
}
