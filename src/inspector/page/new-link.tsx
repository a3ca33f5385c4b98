import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Takes the new link of a restarted service, and opens it in this tab, in the same view. */
export function NewLink(): JSX.Element {
  const [fault, setFault] = useState('');
  return (
    <form
      class="new-link"
      onSubmit={(event) => {
        event.preventDefault();
        const link = linkIn(String(new FormData(event.currentTarget).get('link')));
        if (link === undefined) setFault('This is not a link: it looks like http://127.0.0.1:4000/?token=…');
        else location.href = link;
      }}
    >
      <label>
        New link <input name="link" autocomplete="off" spellcheck={false} placeholder="http://127.0.0.1:…/?token=…" />
      </label>
      <button type="submit">Open</button>
      {fault !== '' && <span role="alert">{fault}</span>}
    </form>
  );
}

/** Returns the address with this page's view; `undefined` if the text is no web address. */
function linkIn(text: string): string | undefined {
  const given = text.trim();
  if (!URL.canParse(given)) return undefined;
  const url = new URL(given);
  // Other schemes run code (javascript:) or open files.
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.hash === '') url.hash = location.hash;
  return url.href;
}
