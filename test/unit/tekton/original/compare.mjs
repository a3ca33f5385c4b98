/** Calls Choragus as the original was called, and compares the results. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { CLOSED_PORT, PORT, PORT_TEXT } from './cases.mjs';
import { closedPort, servePeer } from './peer.mjs';

/** The observed behaviour of the original, by the name of the case. */
export function readObserved() {
  const lines = readFileSync(new URL('observed.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return Object.fromEntries(lines.map((line) => JSON.parse(line)).map(({ case: name, ...seen }) => [name, seen]));
}

/**
 * Makes the calls of a case against its own peer.
 *
 * @param callAll - Makes the calls, with ports in place of the placeholders, and returns the results in the same order.
 * @returns the result of each call, and the chats that the peer received.
 */
export async function observe({ calls, script }, callAll) {
  const peer = await servePeer(script);
  const ports = { [PORT]: peer.port, [PORT_TEXT]: String(peer.port), [CLOSED_PORT]: await closedPort() };
  const fill = (value) => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return ports[value] ?? value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fill(field)]));
  };
  try {
    const outcomes = await callAll(fill(calls));
    await peer.settle();
    const numbers = new RegExp(`\\b(?:${ports[PORT]}|${ports[CLOSED_PORT]})\\b`, 'g');
    const withoutPorts = (_, value) => (typeof value === 'string' ? value.replace(numbers, PORT) : value);
    return { outcomes: JSON.parse(JSON.stringify(outcomes), withoutPorts), sent: peer.chats };
  } finally {
    await peer.close();
  }
}

/**
 * Makes the calls with Choragus.
 *
 * @param library - `createPool` and `createTektonClient`.
 */
export async function callOurs({ createPool, createTektonClient }, calls) {
  const cis = Object.assign({}, ...calls.map(cisOf));
  const pool = createPool({ cis, logger: false });
  const client = createTektonClient({ pool: () => pool });
  const outcomes = [];
  try {
    for (const { call, args } of calls) outcomes.push(await ours[call](client, args, pool));
    return outcomes;
  } finally {
    await pool.close({ drainTimeoutMs: 0 });
  }
}

/** Returns the CIs of a call, as options of its pool. */
function cisOf({ call, args }) {
  const url = (host, port) => `tcp://${host}:${port}`;
  if (call === 'send_to_ai') return { [args.ai_id]: url(args.host, args.port) };
  if (call === 'send_to_all') return Object.fromEntries(args.ai_ids.map(([ci, host, port]) => [ci, url(host, port)]));
  return Object.fromEntries((args.specialists ?? []).map(({ component, host, port }) => [component, url(host, port)]));
}

/** The Choragus equivalent of each function of the original. */
const ours = {
  send_message: (client, { host, port, message, ...rest }) => client.sendMessage(host, port, message, optionsOf(rest)),
  send_message_sync: (client, args) => ours.send_message(client, args),
  send_to_ai: (client, { ai_id, host: _host, port: _port, message, ...rest }) =>
    client.sendToAi(ai_id, message, optionsOf(rest)),
  async send_to_all(client, { message, ai_ids, ...rest }) {
    if (ai_ids.length === 0) return [];
    const results = await client.sendToAll(message, optionsOf(rest));
    return ai_ids.map(([ci]) => results[ci]);
  },
  ping: async (client, { host, port, ...rest }) => ({ success: await client.ping(host, port, optionsOf(rest)) }),
  async send_message_stream(client, { host, port, message, ...rest }) {
    let text = '';
    try {
      for await (const piece of client.streamMessage(host, port, message, optionsOf(rest))) text += piece;
      return { text, failed: false };
    } catch (error) {
      return { text, failed: true, error: error.message };
    }
  },
  async resolve_ai_name(client, { name }, pool) {
    await client.sendToAi(name, 'hi');
    const asked = Object.values(pool.snapshot().cis).find(({ metrics }) => metrics.requests > 0);
    return { ci: asked?.ci ?? null };
  },
  aish: (client, { name, message }) => client.sendToAi(name, message),
};

function optionsOf({ max_tokens, ...rest }) {
  return max_tokens === undefined ? rest : { ...rest, maxTokens: max_tokens };
}

/** Returns the result of a call of the original, in comparable terms. */
export function viewOf({ call }, outcome) {
  if ('raised' in outcome) return { success: false };
  const { returned } = outcome;
  if (call === 'resolve_ai_name') return { ci: returned?.replace(/-ai$/, '') ?? null };
  if (call === 'aish') return returned.code === 0 ? { success: true, response: returned.printed } : { success: false };
  if (call === 'ping') return { success: returned.success };
  if (call !== 'send_message_stream') return returned;
  const last = returned.at(-1)?.metadata ?? {};
  return { text: returned.map(({ content }) => content).join(''), failed: 'error' in last };
}

/**
 * Returns the fields in which Choragus differs from the original: `{ field, original, ours }` each. Fields that only Choragus has
 * do not count. Times and errors, whose texts differ, are compared only by kind; so is `connection_reused`, except
 * in the cases about it.
 */
export function differencesOf({ calls, isAboutReuse }, original, oursSeen) {
  const differences = [];
  const compare = (field, theirs, own) => {
    const isKind = ['elapsed_time', 'error'].includes(field) || (field === 'connection_reused' && !isAboutReuse);
    const isSame = isKind ? typeof theirs === typeof own : isDeepStrictEqual(theirs, own);
    if (!isSame) differences.push({ field, original: theirs, ours: own });
  };
  for (const [index, call] of calls.entries()) {
    const seen = [viewOf(call, original.outcomes[index])].flat();
    const own = [oursSeen.outcomes[index]].flat();
    compare('results', seen.length, own.length);
    for (const [each, result] of seen.entries()) {
      compare('success', result.success, own[each]?.success);
      // A success and a failure have no fields in common.
      if (result.success !== own[each]?.success) continue;
      for (const [field, value] of Object.entries(result)) compare(field, value, own[each]?.[field]);
    }
  }
  // The original's function only finds the name; it sends nothing.
  if (calls[0].call !== 'resolve_ai_name') compare('sent', original.sent, oursSeen.sent);
  return differences;
}
