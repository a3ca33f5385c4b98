import type { Intervention } from '../observe/watchable.js';

const onConnection = ['reconnect', 'retire', 'ping'];
const onCi = ['drain', 'lift-quarantine'];

/** What a POST asks for; `undefined` for what is no intervention. */
export function readIntervention(body: Readonly<Record<string, unknown>>): Intervention | undefined {
  const { do: what, connection, ci } = body;
  if (typeof what !== 'string') return undefined;
  if (onConnection.includes(what) && typeof connection === 'string') return { do: what, connection } as Intervention;
  if (onCi.includes(what) && typeof ci === 'string') return { do: what, ci } as Intervention;
  return undefined;
}
