import type { IncomingMessage } from 'node:http';
import type { Access, Refusal } from '../server/access.js';
import { isFromThisMachine } from '../server/server-names.js';

/**
 * Returns why a program may not report; `undefined` if it may. `Host` must name this server in any case (DNS rebinding).
 *
 * With the token, a page of another origin may report: a person gave it the token. Without one, only a program of this machine may. Browsers
 * always send an `Origin`, so their pages are not taken for programs.
 */
export function refusalOfReport(request: IncomingMessage, access: Access): Refusal | undefined {
  const refused = access.refusalOfHost(request);
  if (refused !== undefined) return refused;
  const token = new URL(request.url ?? '/', 'http://inspector').searchParams.get('token');
  if (token !== null) return access.isToken(token) ? undefined : access.refusalOfToken();
  const isProgramHere = request.headers.origin === undefined && isFromThisMachine(request);
  // An allowed name is one of a proxy or of a forwarded port: the program can be anywhere.
  if (isProgramHere && access.names.isNamedDirectly(request)) return undefined;
  return { status: 403, text: 'A page, and a program of another machine, must send the token: ws://…/?token=…' };
}
