import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where the form is sent. */
export const FORM_PATH = '/open';

/** What the page says. */
export interface Welcome {
  readonly status: number;
  /** What was wrong with the token. */
  readonly fault?: string;
  /** True if the browser sent a session: its token was wrong. Default: false. */
  readonly hasSession?: boolean;
}

/** What the server knows of the browser's session. */
type SessionKnown = 'present' | 'perhaps held back' | 'absent';

/** Returns true if a browser opens a page, in contrast to a request of a script. */
export function isNavigation({ headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate';
}

/**
 * Answers a browser without a session. After a link from another site the browser holds its cookie back, so the page offers a link of its own.
 */
export function sendWelcome(request: IncomingMessage, response: ServerResponse, welcome: Welcome): void {
  const { status, fault, hasSession = false } = welcome;
  const from = request.headers['sec-fetch-site'];
  const isHeldBack = from === undefined || from === 'cross-site';
  response.statusCode = status;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-security-policy', policy);
  // With `no-referrer`, the browser sends `Origin: null` with the form.
  response.setHeader('referrer-policy', 'same-origin');
  response.end(pageOf(hasSession ? 'present' : isHeldBack ? 'perhaps held back' : 'absent', fault));
}

/** The colours and shapes of `page.css`, which is served only to sessions. */
const style = `
:root {
  --bg: #f6f7f9; --panel: #fff; --text: #18202b; --muted: #556070; --line: #dde2e9; --accent: #2456c9; --on-accent: #fff; --fault: #b3261e;
  --healthy: #177a4b; --degraded: #9a5b00;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #11151b; --panel: #191f28; --text: #e7ebf0; --muted: #a3aebc; --line: #2c3542; --accent: #8fb4ff; --on-accent: #0e1217; --fault: #ff8a80;
    --healthy: #4fc38a; --degraded: #f0b352;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 18px;
  background: var(--bg); color: var(--text); font: 14px / 1.45 system-ui, "Segoe UI", sans-serif;
}
main {
  width: min(420px, 100%); padding: 24px; background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
}
h1 { display: flex; align-items: center; gap: 8px; margin: 0 0 16px; font-size: 15px; font-weight: 650; }
h1::before {
  content: ""; width: 14px; height: 14px; border-radius: 50%;
  background: conic-gradient(var(--healthy) 0 60%, var(--degraded) 0 78%, var(--fault) 0);
}
p { margin: 0 0 14px; }
label { display: block; margin-bottom: 4px; font-weight: 600; }
.row { display: flex; gap: 8px; }
input, button, #open { font: inherit; padding: 6px 12px; border: 1px solid var(--line); border-radius: 7px; }
input { flex: 1; min-width: 0; background: var(--bg); color: inherit; }
button { background: var(--panel); color: inherit; cursor: pointer; }
#open { display: block; text-align: center; text-decoration: none; }
#open, .first button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.or { margin-top: 18px; padding-top: 18px; border-top: 1px solid var(--line); color: var(--muted); }
#fault { color: var(--fault); }
[aria-invalid] { border-color: var(--fault); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

/** No script, and no style but this one. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const NO_SESSION = 'has no session. Open the link that the service printed, or paste it here.';
const hints: Readonly<Record<SessionKnown, string>> = {
  present: 'Or paste another link here.',
  'perhaps held back': `If this page comes back, this browser ${NO_SESSION}`,
  absent: `This browser ${NO_SESSION}`,
};

function pageOf(session: SessionKnown, fault: string | undefined): string {
  const opens = session !== 'absent';
  const open = opens ? '<p><a id="open" href="/">Open the inspector</a></p>\n' : '';
  const wrong = fault === undefined ? '' : `<p id="fault" role="alert">${fault}</p>\n`;
  const invalid = fault === undefined ? '' : ' aria-invalid="true" aria-describedby="fault"';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Open the inspector</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>Choragus inspector</h1>
${wrong}${open}<p${opens ? ' class="or"' : ''}>${hints[session]}</p>
<form method="post" action="${FORM_PATH}"${opens ? '' : ' class="first"'}>
<label for="link">Link or token</label>
<div class="row"><input id="link" name="link" type="password" autocomplete="off" required${invalid}><button>Open</button></div>
</form>
</main>
</body>
</html>
`;
}
