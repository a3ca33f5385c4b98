import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.js';
import { readField } from './read-request.js';
import { sendText, sendTooLarge } from './respond.js';
import { FORM_PATH, isNavigation, sendWelcome } from './welcome.js';

/** Answers a link with a token, and the form of the welcome page. Returns false for any other request. */
export async function answerEntry(
  access: Access,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (url.pathname === FORM_PATH) {
    await answerForm(access, request, response);
    return true;
  }
  const token = url.searchParams.get('token');
  if (url.pathname !== '/' || request.method !== 'GET' || token === null) return false;
  enter(access, token, request, response);
  return true;
}

async function answerForm(access: Access, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A browser has this address in its bar after a wrong token.
  if (request.method === 'GET') return sendHome(response);
  if (request.method !== 'POST') {
    response.setHeader('allow', 'GET, POST');
    return sendText(response, 405, `${FORM_PATH} takes GET and POST.`);
  }
  const refused = access.refusalOfPost(request);
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  const link = await readField(request, 'link');
  if (link === 'too large') return sendTooLarge(response);
  if (link === 'no form') return sendText(response, 415, 'Send link=…, as application/x-www-form-urlencoded.');
  enter(access, tokenIn(link.text), request, response);
}

/** Starts a session for a right token. A browser gets the welcome page for a wrong one, and a script gets text. */
function enter(access: Access, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = access.open(token, request);
  if (cookie !== undefined) {
    response.setHeader('set-cookie', cookie);
    return sendHome(response);
  }
  const wrong = access.refusalOfToken();
  if (!isNavigation(request)) return sendText(response, wrong.status, wrong.text);
  sendWelcome(request, response, {
    status: wrong.status,
    hasSession: access.personOf(request) !== undefined,
    fault: wrong.status === 401 ? 'This token is wrong. A service that was restarted has a new link.' : wrong.text,
  });
}

/** Removes the token from the address bar, the history and the Referer. */
function sendHome(response: ServerResponse): void {
  response.setHeader('location', '/');
  response.statusCode = 303;
  response.end();
}

/** Returns the token in a pasted link, or the pasted text. */
function tokenIn(pasted: string): string {
  const text = pasted.trim();
  return (URL.canParse(text) ? new URL(text).searchParams.get('token') : null) ?? text;
}
