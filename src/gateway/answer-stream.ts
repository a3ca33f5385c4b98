import type { ServerResponse } from 'node:http';
import { endResponse } from './respond.js';

/** The form of a streamed answer. */
export interface StreamForm {
  readonly contentType: string;
  /** Sent in a long silence, so that nothing between here and the client closes the connection. Empty for nothing. */
  readonly heartbeat: string;
}

/** The server-sent events of the HTML standard. Lines that begin with a colon are comments. */
export const eventStream: StreamForm = { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': \n\n' };
/** One JSON object on each line. */
export const lineStream: StreamForm = { contentType: 'application/x-ndjson', heartbeat: '' };

/** The limits of a streamed answer. */
export interface StreamTerms {
  readonly heartbeatMs: number;
  readonly maxUnreadBytes: number;
}

/**
 * Writes an answer as it comes. The head is sent with the first piece, so that a request that fails before it still
 * gets its own status. What a slow client has not read is bounded.
 */
export class AnswerStream {
  readonly #response: ServerResponse;
  readonly #form: StreamForm;
  readonly #maxUnreadBytes: number;
  readonly #onUnread: () => void;
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #state: 'silent' | 'open' | 'ended' = 'silent';

  /** @param onUnread - Called once, if the client reads too slowly. */
  constructor(response: ServerResponse, form: StreamForm, terms: StreamTerms, onUnread: () => void) {
    this.#response = response;
    this.#form = form;
    this.#maxUnreadBytes = terms.maxUnreadBytes;
    this.#onUnread = onUnread;
    if (form.heartbeat === '') return;
    this.#heartbeat = setInterval(() => this.#beat(), terms.heartbeatMs).unref();
    response.once('close', () => this.#stop());
  }

  /** Whether the head has been sent: a failure can no longer have a status of its own. */
  get isBegun(): boolean {
    return this.#state !== 'silent';
  }

  write(text: string): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'silent') this.#begin();
    this.#heartbeat?.refresh();
    this.#response.write(text);
    if (this.#response.writableLength > this.#maxUnreadBytes) this.#onUnread();
  }

  /** Ends the answer, after a last piece. */
  end(text = ''): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'silent') this.#begin();
    this.#stop();
    endResponse(this.#response, text);
  }

  #begin(): void {
    this.#state = 'open';
    this.#response.writeHead(200, {
      'content-type': this.#form.contentType,
      'cache-control': 'no-cache, no-transform',
      // nginx would hold the pieces back.
      'x-accel-buffering': 'no',
    });
  }

  #beat(): void {
    // To a client that does not read, silence is no trouble.
    if (this.#response.writableLength === 0) this.write(this.#form.heartbeat);
  }

  #stop(): void {
    this.#state = 'ended';
    clearInterval(this.#heartbeat);
  }
}
