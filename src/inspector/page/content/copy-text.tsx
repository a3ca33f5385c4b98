import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** How long the page says `copied`, in ms. */
const SAID_MS = 4_000;

interface CopyTextProps {
  /** The button's text. */
  readonly name: string;
  /** Returns the text to copy; `undefined` disables the button. */
  readonly text: (() => string) | undefined;
}

/** Copies a text to the clipboard. Without permission, selects the text in a text area, so that the user can copy it. */
export function CopyText({ name, text }: CopyTextProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  const [isSaid, say] = useState(false);
  const [byHand, showByHand] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (!isSaid) return;
    const timer = setTimeout(() => say(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isSaid]);
  const finish = (isCopied: boolean): void => {
    showByHand(undefined);
    say(isCopied);
    button.current?.focus();
  };
  const copy = async (): Promise<void> => {
    const value = text?.() ?? '';
    say(false);
    try {
      // Without HTTPS, a page has a clipboard only under a loopback name.
      await navigator.clipboard.writeText(value);
      finish(true);
    } catch {
      showByHand(value);
    }
  };
  return (
    <>
      <button ref={button} type="button" class="content-copy" disabled={text === undefined} onClick={() => void copy()}>
        {name}
      </button>
      <small role="status">{isSaid ? 'copied' : byHand !== undefined ? 'press Ctrl+C to copy' : ''}</small>
      {byHand !== undefined && <ByHand name={name} text={byHand} onEnd={finish} />}
    </>
  );
}

interface ByHandProps {
  readonly name: string;
  readonly text: string;
  readonly onEnd: (isCopied: boolean) => void;
}

/** Shows a selected text. Copies it if the browser allows that for a selection; otherwise the user does. */
function ByHand({ name, text, onEnd }: ByHandProps): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  // Before the text is drawn: a key pressed at once must reach it.
  useLayoutEffect(() => {
    area.current?.focus();
    area.current?.select();
    if (document.execCommand('copy')) onEnd(true);
  }, []);
  return (
    <textarea
      ref={area}
      class="content-by-hand"
      readOnly
      rows={4}
      aria-label={`${name}: the text`}
      value={text}
      // The browser copies after this event.
      onCopy={() => setTimeout(() => onEnd(true))}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onEnd(false);
      }}
    />
  );
}
