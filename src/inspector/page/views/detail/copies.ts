import type { CiRow } from '../../../feed/records.js';
import type { Pasts } from './chosen-ci.js';

/** Returns the whole row of a CI as JSON, with the last transitions of each connection. */
export function ciText(ci: CiRow, pasts: Pasts): string {
  const connections = ci.connections.map((connection) => ({
    ...connection,
    history: pasts.get(connection.connection) ?? [],
  }));
  return JSON.stringify({ ...ci, connections }, null, 2);
}

/** Returns the last error of a CI as one text: time, CI, code and message. */
export function errorText({ ci, lastError }: Pick<CiRow, 'ci' | 'lastError'>): string {
  if (lastError === undefined) return '';
  const { at, code, message } = lastError;
  return `${new Date(at).toISOString()} ${ci} ${code}: ${messageOf({ code, message })}`;
}

/** Returns an error's message without the code in front of it, which is shown beside it. */
export function messageOf({ code, message }: { readonly code: string; readonly message: string }): string {
  const prefix = `[${code}] `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
