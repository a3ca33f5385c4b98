import type { IncomingMessage, ServerResponse } from 'node:http';

/** Returns true if a browser opens a page, in contrast to a request of a script. */
export function isNavigation({ headers, method }: IncomingMessage): boolean {
  if (method !== 'GET') return false;
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
}

/**
 * Answers a browser without a session. After a link from another site the browser holds its cookie back, so the page offers a link of its own.
 */
export function sendWelcome(request: IncomingMessage, response: ServerResponse): void {
  const from = request.headers['sec-fetch-site'];
  const heldBack = from === undefined || from === 'cross-site';
  response.statusCode = 401;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  // With `no-referrer`, the browser sends `Origin: null` with the form.
  response.setHeader('referrer-policy', 'same-origin');
  response.end(pageOf(heldBack));
}

function pageOf(heldBack: boolean): string {
  const open = heldBack ? '<p><a id="open" href="/">Open the inspector</a></p>\n' : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Open the inspector</title></head>
<body>
<h1>Choragus inspector</h1>
${open}<p>${heldBack ? 'If that leads back here, this' : 'This'} browser has no session. Open the URL that the service printed, or paste it here:</p>
<form method="post" action="/open">
<label>Link or token <input name="link" type="password" autocomplete="off" required></label>
<button>Open</button>
</form>
</body>
</html>
`;
}

/** Returns the token in a pasted link, or the pasted text. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  return (URL.canParse(text) ? new URL(text).searchParams.get('token') : null) ?? text;
}
