import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { watchableOf } from '../observe/watchable.js';
import { Access, type Client } from './access.js';
import { Call, type Shared } from './call.js';
import { setCors } from './cors.js';
import type { Dialect } from './dialect.js';
import { Operations } from './operations.js';
import type { HandlerSettings } from './options.js';
import { faultOf, Refusal } from './refusal.js';
import { endResponse, sendJson, setRepeatHeaders } from './respond.js';
import { type Lookup, Router } from './router.js';
import { type CallRecord, Tally } from './tally.js';

/** One request, before it is known who sent it. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly lookup: Lookup;
  /** The query of the URL, with its question mark. */
  readonly search: string;
  readonly record: CallRecord;
}

/** Answers the requests of clients over a pool. */
export class Gateway {
  readonly #shared: Shared;
  readonly #maxInFlight: number;
  readonly #access: Access;
  readonly #router: Router;
  readonly #tally: Tally;
  readonly #operations: Operations;

  /** @param of - The public function, for messages. */
  constructor(of: string, pool: Pool, settings: HandlerSettings) {
    this.#shared = { pool, watchable: watchableOf(pool, of), settings, underWay: new Set() };
    this.#maxInFlight = settings.maxInFlight;
    this.#access = new Access(settings.keys, settings.cors);
    this.#tally = new Tally(settings.logger);
    this.#operations = new Operations(this.#tally);
    this.#router = new Router([...settings.dialects, this.#operations]);
  }

  /** Number of requests under way. */
  get inFlight(): number {
    return this.#tally.inFlight;
  }

  /** Refuses further requests, and says so at `/readyz`. */
  drain(): void {
    this.#operations.isDraining = true;
  }

  /** Ends all requests under way with a failure. */
  cut(): void {
    const error = new ChoragusError('closed', 'the gateway closes', { delivery: 'maybe_sent' });
    for (const end of [...this.#shared.underWay]) end(error);
  }

  /** Answers one request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { url = '/', method = '' } = request;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const lookup = this.#router.find(method, path);
    const record = this.#tally.begin(response, lookup?.dialect.name);
    const arrival: Arrival = { request, response, lookup, record, search: mark === -1 ? '' : url.slice(mark) };
    this.#answer(arrival).catch((error: unknown) => this.#fail(arrival, error));
  }

  async #answer(arrival: Arrival): Promise<void> {
    const { request, response, lookup } = arrival;
    const { origin } = request.headers;
    if (!this.#access.permits(origin)) {
      throw new Refusal(403, 'forbidden', 'pages of this origin may not use the gateway: list it in "cors"');
    }
    if (origin !== undefined) setCors(response, origin);
    if (lookup === undefined) throw new Refusal(404, 'not_found', 'the gateway has no such path');
    // The question of a browser, whether its page may ask.
    if (request.method === 'OPTIONS' && origin !== undefined) return endResponse(response.writeHead(204));
    if ('takes' in lookup) {
      response.setHeader('allow', lookup.takes.join(', '));
      throw new Refusal(405, 'method_not_allowed', `the path takes ${lookup.takes.join(' and ')}`);
    }
    const client = lookup.route.isOpen === true ? this.#access.stranger : this.#enter(request, response);
    const { params, route } = lookup;
    const target = { params, search: arrival.search, takesForm: route.takesForm === true };
    await route.answer(new Call(this.#shared, { request, response, client, record: arrival.record }, target));
  }

  /** Admits a request. @throws Refusal */
  #enter(request: IncomingMessage, response: ServerResponse): Client {
    const client = this.#access.clientOf(request);
    if (this.#operations.isDraining) throw busy('the gateway is closing');
    if (this.#tally.inFlight > this.#maxInFlight) throw busy(`${this.#maxInFlight} requests are under way already`);
    const leave = client.enter(performance.now());
    response.once('close', leave);
    return client;
  }

  #fail({ response, lookup, record }: Arrival, error: unknown): void {
    const fault = faultOf(error, this.#shared.settings.honestStatus);
    record.failed(fault, error);
    if (response.destroyed) return;
    // A stream reports its own failures; this is a fault of the gateway in the middle of one.
    if (response.headersSent) return void response.destroy();
    setRepeatHeaders(response, fault);
    if (fault.status === 401) response.setHeader('www-authenticate', 'Bearer');
    const dialect: Dialect = lookup?.dialect ?? this.#operations;
    sendJson(response, dialect.failure(fault), fault.status);
  }
}

function busy(message: string): Refusal {
  return new Refusal(503, 'busy', message, { retryAfterMs: 1_000 });
}
