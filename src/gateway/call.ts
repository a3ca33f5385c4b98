import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Watchable } from '../observe/watchable.js';
import type { Client } from './access.js';
import { AnswerStream, type StreamForm } from './answer-stream.js';
import { readBody } from './read-body.js';
import { type Fault, faultOf, Refusal } from './refusal.js';
import { sendJson } from './respond.js';
import type { CallSettings } from './settings.js';
import type { CallRecord } from './tally.js';

/** What all requests of a gateway share. */
export interface Shared {
  /** Ends each request under way with a failure, and stops the request to its CI. */
  readonly underWay: Set<(error: unknown) => void>;
  readonly pool: Pool;
  readonly watchable: Watchable;
  readonly settings: CallSettings;
}

/** What a URL says, and what its route takes. */
export interface Target {
  /** The values of the varying parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** The query, with its question mark. */
  readonly search: string;
  /** Whether a body of JSON may come as a form. */
  readonly takesForm: boolean;
}

/** One HTTP request on its way through the gateway. */
export class Call {
  readonly pool: Pool;
  readonly watchable: Watchable;
  readonly settings: CallSettings;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Who sent it. */
  readonly client: Client;
  /** Where its end is counted. */
  readonly record: CallRecord;
  /** The values of the varying parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly #underWay: Shared['underWay'];
  readonly #target: Target;

  constructor(shared: Shared, http: Pick<Call, 'request' | 'response' | 'client' | 'record'>, target: Target) {
    this.pool = shared.pool;
    this.watchable = shared.watchable;
    this.settings = shared.settings;
    this.request = http.request;
    this.response = http.response;
    this.client = http.client;
    this.record = http.record;
    this.params = target.params;
    this.#underWay = shared.underWay;
    this.#target = target;
  }

  /** The query of the URL. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.#target.search);
  }

  /** Whether the client has left: nobody reads an answer. */
  get isOver(): boolean {
    return this.response.closed || this.response.destroyed;
  }

  /** Reads the body. @throws Refusal if it is no JSON object, or too large */
  body(): Promise<Record<string, unknown>> {
    const { takesForm } = this.#target;
    return readBody(this.request, { maxBytes: this.settings.maxBodyBytes, takesForm });
  }

  /** The names of the CIs that the client may ask. */
  get cis(): readonly string[] {
    return this.pool.cis.filter((ci) => this.client.mayAsk(ci));
  }

  /**
   * Returns the CI that a client means. Ollama's clients add `:latest` to a name.
   *
   * @throws ChoragusError `unknown_ci`, also for one that the client may not ask: it shall not learn which exist.
   */
  ciNamed(name: string): string {
    const names = name.endsWith(':latest') ? [name, name.slice(0, -':latest'.length)] : [name];
    const found = names.find((one) => this.has(one));
    if (found !== undefined) return found;
    const message = `there is no CI ${JSON.stringify(name.slice(0, 128))}`;
    throw new ChoragusError('unknown_ci', message, { ci: name, delivery: 'not_sent' });
  }

  /** Returns whether the client may ask a CI of this name. */
  has(ci: string): boolean {
    return this.client.mayAsk(ci) && this.watchable.load(ci) !== undefined;
  }

  /** Whether a name means all CIs at once. */
  isTeam(name: string): boolean {
    const { team } = this.settings;
    return team !== false && (name === team || name === `${team}:latest`) && !this.has(name);
  }

  /** Answers with a value as JSON. */
  send(value: unknown, status?: number): void {
    if (!this.isOver) sendJson(this.response, value, status);
  }

  /** Begins a streamed answer. `onUnread` is called with the failure if the client reads too slowly. */
  stream(form: StreamForm, onUnread: (refusal: Refusal) => void): AnswerStream {
    return new AnswerStream(this.response, form, this.settings, () => {
      const message = `the client has not read the last ${this.settings.maxUnreadBytes} bytes of the answer`;
      onUnread(new Refusal(400, 'unread', message, { delivery: 'maybe_sent' }));
    });
  }

  /** Counts the failure of the request, and returns what to tell the client of it. */
  failed(error: unknown): Fault {
    const fault = faultOf(error, this.settings.honestStatus);
    this.record.failed(fault, error);
    return fault;
  }

  /**
   * Cancels a request to CIs when the client leaves, or when the gateway closes: then the client is told by `failed`.
   * Returns a function that cancels it.
   */
  endsWith(cancel: () => void, failed: (error: unknown) => void): () => void {
    const cut = (error: unknown): void => {
      cancel();
      failed(error);
    };
    this.#underWay.add(cut);
    this.onOver(() => {
      this.#underWay.delete(cut);
      cancel();
    });
    return cancel;
  }

  /** Calls `then` when the client has left, or has its answer. */
  onOver(then: () => void): void {
    if (this.isOver) then();
    else this.response.once('close', then);
  }
}
