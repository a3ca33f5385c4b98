import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Feed } from '../feed/feed.js';
import type { CiRow, Hello, Recorded } from '../feed/records.js';
import type { Access, Person } from './access.js';
import { csvHead, csvOf } from './csv-of.js';
import { readBody, readIntervention } from './read-request.js';
import { sendFile, sendInPieces, sendJson, sendText, sendTooLarge } from './respond.js';
import { MOST_WATCHERS, type Watchers } from './watchers.js';

/** The parts of the server that a route uses. */
export interface RouteContext {
  readonly feed: Feed;
  readonly watchers: Watchers;
  readonly access: Access;
  /** Who sent the request. */
  readonly person: Person;
}

type Route = (context: RouteContext, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** The routes of GET. */
export const gets: Readonly<Record<string, Route>> = {
  '/': (_, response) => sendFile(response, 'index.html'),
  '/page.js': (_, response) => sendFile(response, 'page.js'),
  '/layout-worker.js': (_, response) => sendFile(response, 'layout-worker.js'),
  '/page.css': (_, response) => sendFile(response, 'page.css'),
  '/api/events': ({ feed, watchers, access, person }, response, { url = '' }) => {
    const level = new URL(url, 'http://inspector').searchParams.get('level') ?? 'states';
    if (level !== 'summary' && level !== 'states')
      return sendText(response, 400, 'The level is unknown: use summary or states.');
    // The request is pipelined behind another answer. Its disconnect could not be detected.
    if (response.socket === null)
      return sendText(response, 400, 'The event stream cannot be pipelined: open a new connection.');
    response.setHeader('content-type', 'text/event-stream');
    response.setHeader('x-accel-buffering', 'no');
    if (watchers.add(response, { csrf: person.csrf, may: mayOf(feed, person) }, level)) {
      const { session } = person;
      if (session !== undefined)
        response.once(
          'close',
          access.sessions.hold(session, () => response.destroy()),
        );
      return;
    }
    response.removeHeader('content-type');
    sendText(response, 503, `${MOST_WATCHERS} watchers are connected, the most allowed: close one.`);
  },
  '/api/session': ({ feed, person }, response) =>
    sendJson(response, { instance: feed.hello().instance, may: mayOf(feed, person) }),
  '/api/machines.json': ({ feed }, response) => sendJson(response, feed.hello().machines),
  '/api/incidents.json': ({ feed }, response) => sendJson(response, feed.hello().incidents),
  '/api/snapshot.json': ({ feed }, response) => {
    const { at, pool } = feed.hello();
    response.setHeader('content-type', 'application/json');
    return sendInPieces(response, snapshotOf(feed, `{"at":${at},"pool":${JSON.stringify(pool)},"cis":[`));
  },
  '/api/cis.csv': ({ feed }, response) => {
    response.setHeader('content-type', 'text/csv; charset=utf-8');
    return sendInPieces(response, csvLines(feed));
  },
  '/api/record.ndjson': ({ feed }, response) => {
    response.setHeader('content-type', 'application/x-ndjson');
    response.setHeader('content-disposition', 'attachment; filename="choragus.ndjson"');
    return sendInPieces(response, recordLines(feed));
  },
};

/** The routes of POST. */
export const posts: Readonly<Record<string, Route>> = {
  '/api/session': async ({ access, person }, response, request) => {
    const body = await readBody(request);
    if (body === 'too large') return sendTooLarge(response);
    if (body === 'no object' || body.end !== true)
      return sendText(response, 400, 'Send {"end": true}, as application/json.');
    if (person.session === undefined) return sendText(response, 409, 'The request has a token and no session.');
    access.sessions.end(person.session);
    sendJson(response, { ok: true });
  },
  '/api/trace': async ({ feed }, response, request) => {
    const body = await readBody(request);
    if (body === 'too large') return sendTooLarge(response);
    if (body === 'no object' || typeof body.connection !== 'string' || typeof body.on !== 'boolean') {
      return sendText(response, 400, 'Send {"connection": "…", "on": true}, as application/json.');
    }
    const refused = feed.trace(body.connection, body.on ? 'on' : 'off');
    if (refused === undefined) return sendJson(response, { ok: true });
    if (refused === 'unknown') return sendText(response, 404, 'The connection is unknown.');
    if (refused === 'nobody watches')
      return sendText(response, 409, 'Nobody watches: open /api/events first, which sends the trace.');
    return sendText(response, 429, 'Too many connections are traced: end a trace first.');
  },
  '/api/action': async ({ feed, access, person }, response, request) => {
    if (!feed.hello().may.actions)
      return sendText(response, 403, 'Actions are off: startInspector(pool, { actions: true }).');
    if (!person.mayAct)
      return sendText(response, 403, 'This session may only watch: open the link that permits actions.');
    if (!access.isCsrf(request.headers['x-choragus-csrf'], person))
      return sendText(response, 403, 'The x-choragus-csrf header is wrong: send the csrf value of the hello record.');
    const body = await readBody(request);
    if (body === 'too large') return sendTooLarge(response);
    const what = body === 'no object' ? undefined : readIntervention(body);
    if (what === undefined)
      return sendText(
        response,
        400,
        'The action is unknown: send {"do": "ping", "connection": "…"} or {"do": "drain", "ci": "…"}.',
      );
    if (feed.intervene(what)) return sendJson(response, { ok: true });
    return sendText(response, 404, 'The name is unknown, or its state does not allow the action.');
  },
};

/** What a person may do with this feed. */
function mayOf(feed: Feed, { mayAct }: Person): Hello['may'] {
  return { actions: mayAct && feed.hello().may.actions };
}

function* rowsOf(feed: Feed): Generator<readonly CiRow[]> {
  for (const record of feed.state()) if (record.t === 'cis') yield record.rows;
}

function* snapshotOf(feed: Feed, head: string): Generator<string> {
  let separator = head;
  for (const rows of rowsOf(feed)) {
    if (rows.length === 0) continue;
    yield separator + JSON.stringify(rows).slice(1, -1);
    separator = ',';
  }
  yield separator === ',' ? ']}' : `${head}]}`;
}

function* csvLines(feed: Feed): Generator<string> {
  yield csvHead;
  for (const rows of rowsOf(feed)) yield rows.map(csvOf).join('');
}

function* recordLines(feed: Feed): Generator<string> {
  const line = (record: Recorded): string => `${JSON.stringify(record)}\n`;
  yield line(feed.hello());
  for (const record of feed.state()) yield line(record);
}
