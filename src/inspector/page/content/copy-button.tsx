import type { JSX } from 'preact';
import { CopyText } from './copy-text.js';

interface CopyButtonProps {
  /** What is copied, for the button's name. */
  readonly what: string;
  readonly value: unknown;
}

/** Copies a value to the clipboard as JSON. */
export function CopyButton({ what, value }: CopyButtonProps): JSX.Element {
  return (
    <CopyText
      name={`Copy ${what} as JSON`}
      text={value === undefined ? undefined : () => JSON.stringify(value, null, 2)}
    />
  );
}
