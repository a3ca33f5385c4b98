import type { Pool, Reply, RequestContext, TraceCarrier } from '../contract/index.js';
import type { ChoragusError, Phase, Timings } from '../errors/index.js';
import { readCarrier } from '../protocol/trace-context.js';
import { requestChannels } from './channels.js';

type Context = { -readonly [Field in keyof RequestContext]: RequestContext[Field] };

/** What is known of a request when it begins. */
export type RequestFacts = Pick<RequestContext, 'ci' | 'url' | 'operation' | 'type' | 'message'> & {
  readonly pool: Pool;
};

/** Publishes the events of one request. Made only for a request that begins while somebody subscribes. */
export class RequestTrace {
  readonly #context: Context;
  #carrier: TraceCarrier | undefined;

  constructor({ pool, ci, url, operation, type, message }: RequestFacts) {
    this.#context = {
      pool,
      ci,
      url,
      operation,
      type,
      message,
      carrier: undefined,
      connection: undefined,
      reused: undefined,
      delivery: 'not_sent',
      outcome: undefined,
      code: undefined,
      phase: undefined,
      error: undefined,
      timings: undefined,
      reply: undefined,
      usage: undefined,
    };
  }

  begun(): void {
    requestChannels.start.publish(this.#context);
    this.#carrier = readCarrier(this.#context.carrier);
    this.#context.carrier = this.#carrier;
  }

  /** Returns the valid part of the carrier that the subscribers of `start` set. */
  get carrier(): TraceCarrier | undefined {
    return this.#carrier;
  }

  /** Publishes that the call which began the request returns. */
  returned(): void {
    requestChannels.end.publish(this.#context);
  }

  /** Notes that a connection took the request. */
  placed(connection: string, reused: boolean): void {
    this.#context.connection = connection;
    this.#context.reused = reused;
  }

  /** Publishes that the request is being handed to the socket. */
  written(reused: boolean): void {
    this.#context.reused = reused;
    this.#context.delivery = 'maybe_sent';
    requestChannels.written.publish(this.#context);
  }

  /** Publishes that the first chunk of a stream has arrived. */
  chunkArrived(): void {
    requestChannels.firstChunk.publish(this.#context);
  }

  answered(timings: Timings, reply: Reply | undefined): void {
    const context = this.#context;
    context.outcome = 'answered';
    context.delivery = 'answered';
    context.timings = timings;
    context.reply = reply;
    context.usage = reply?.usage;
    this.#ended();
  }

  failed(error: ChoragusError): void {
    const context = this.#context;
    context.outcome = 'failed';
    context.code = error.code;
    context.delivery = error.delivery;
    context.phase = error.phase;
    context.timings = error.timings;
    context.error = error;
    requestChannels.error.publish(context);
    this.#ended();
  }

  cancelled(timings: Timings, phase: Phase): void {
    const context = this.#context;
    context.outcome = 'cancelled';
    context.code = 'cancelled';
    context.timings = timings;
    context.phase = phase;
    this.#ended();
  }

  #ended(): void {
    requestChannels.asyncStart.publish(this.#context);
    requestChannels.asyncEnd.publish(this.#context);
  }
}
