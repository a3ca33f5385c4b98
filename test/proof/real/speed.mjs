/** Compares Choragus with the `openai` npm client, against the same server, in the same run. */
import assert from 'node:assert/strict';
import { askByHand } from './ask-by-hand.mjs';
import { ask } from './choragus-client.mjs';
import { compareClients } from './compare-clients.mjs';
import { askOpenAi, openAiVersion, openClient, streamOpenAi } from './openai-client.mjs';

const OURS = 'choragus';

/**
 * Prints a table of all clients. The checks compare only clients that send the same request: Choragus always streams on
 * the wire. A whole answer is another request: the server may send it faster than a stream, and the table shows by how much.
 *
 * @param loads by name: `rounds`, `requests` in each, `concurrency`.
 * @param question the message that Choragus sends; the other clients send the same body.
 */
export async function checkSpeed(list, { pool, server, question, loads }) {
  for (const [name, load] of Object.entries(loads)) {
    const rows = await compareClients(clientsOf(pool, server, question), load);
    print(name, load, rows);
    list.note(name, Object.fromEntries(rows.map(({ name: client, ...figures }) => [client, figures])));
    await list.check(`${name}: all of our requests are answered`, async () => assert.equal(rows[0].failed, 0));
    // A busy machine must not make the build fail: there the figures are only printed.
    const judged = process.env.CI === 'true' ? [] : rows.filter((one) => one.name.startsWith('openai, streamed'));
    for (const row of judged) {
      await list.check(`${name}: at least as fast as ${row.name}`, async () => assertNotSlower(row));
    }
  }
}

/** A client that retries sleeps first, so fewer of its requests compete for the server: then its p50 means nothing. */
function assertNotSlower({ p50Ratio, rateRatio, retries }) {
  const isComparable = retries === 0;
  const p50 = `p50 ${p50Ratio} times theirs${isComparable ? '' : ' (they retried: not compared)'}`;
  const shown = `requests/s ${rateRatio} times theirs, ${p50}`;
  assert.ok(rateRatio >= 1 && (p50Ratio <= 1 || !isComparable), shown);
  return shown;
}

function print(name, { rounds, requests }, rows) {
  console.log(
    `  ${name}: medians of ${rounds} rounds of ${requests} requests; ratios are ours / theirs; openai ${openAiVersion}`,
  );
  for (const { name: client, p50Ms, perSecond, p50Ratio, rateRatio, failed, retries, requests: all } of rows) {
    const figures = [`p50 ${p50Ms} ms (ratio ${p50Ratio})`, `${perSecond} requests/s (ratio ${rateRatio})`];
    const trouble = [failed && `${failed} of ${all} failed`, retries && `${retries} retries`].filter(Boolean);
    console.log(`    ${client.padEnd(36)} ${[...figures, ...trouble].join(', ')}`);
  }
}

/**
 * The `openai` client runs in both ways, with its own retries (2) and with none. The client by hand shows the minimum that a
 * streaming client needs.
 */
function clientsOf(pool, { origin }, question) {
  const { content, maxTokens, ...rest } = question;
  const messages = [{ role: 'user', content }];
  const body = { model: 'tiny', messages, ...(maxTokens && { max_tokens: maxTokens }), ...rest };
  const chats = { streamed: streamOpenAi, whole: askOpenAi };
  const theirs = Object.entries(chats).flatMap(([way, chat]) =>
    [undefined, 0].map((maxRetries) => {
      let sent = 0;
      const counting = (...request) => {
        sent += 1;
        return fetch(...request);
      };
      const client = openClient(`${origin}/v1`, { maxRetries, fetch: counting });
      const name = `openai, ${way}, maxRetries ${maxRetries ?? 'default'}`;
      return { name, ask: () => chat(client, body), sent: () => sent };
    }),
  );
  const byHand = { name: 'node:http by hand, streamed', ask: () => askByHand(origin, { ...body, stream: true }) };
  return [{ name: OURS, ask: () => ask(pool, question) }, ...theirs, byHand];
}
