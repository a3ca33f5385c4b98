import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface CopyButtonProps {
  /** What is copied, for the button's name. */
  readonly what: string;
  readonly value: unknown;
}

/** Copies a value to the clipboard as JSON. */
export function CopyButton({ what, value }: CopyButtonProps): JSX.Element {
  const [result, setResult] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(JSON.stringify(value, null, 2)).then(
      () => setResult('copied'),
      () => setResult('the browser does not allow it'),
    );
  };
  return (
    <>
      <button
        type="button"
        class="content-copy"
        disabled={value === undefined}
        onClick={copy}
        aria-label={`Copy ${what} as JSON`}
      >
        Copy as JSON
      </button>
      <small role="status">{result}</small>
    </>
  );
}
