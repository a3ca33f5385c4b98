import type { CarriedLine, CarriedTo, Frame } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';

import { PendingRequest } from './pending-request.js';
import type { RequestObserver } from './request-observer.js';
import type { RequestCi } from './request-ports.js';
import type { RequestTerms } from './request-terms.js';

/** A client's line on its way to a CI. The line is sent unchanged, and the answer's lines are passed back unchanged. */
export class CarriedRequest extends PendingRequest {
  readonly #line: CarriedLine;
  readonly #to: CarriedTo;

  constructor(line: CarriedLine, to: CarriedTo, terms: RequestTerms, ci: RequestCi, nowMs: number) {
    super(receiverOf(to), { type: line.type, body: line.text }, terms, ci, nowMs);
    this.#line = line;
    this.#to = to;
  }

  /** Returns true for a line without an id: it needs its own link, because only order identifies its answer. */
  override get isAlone(): boolean {
    return this.#line.withId === undefined;
  }

  override get asksStream(): boolean {
    return this.#line.isStream;
  }

  begun(frame: Frame): void {
    this.chunk(frame);
  }

  override chunk(frame: Frame): void {
    this.progress('', 'text');
    if (!this.isSettled) this.#tell(frame);
  }

  override answered(frame: Frame): void {
    this.#tell(frame);
    this.#end(frame);
  }

  override ended(frame: Frame): void {
    this.answered(frame);
  }

  override failed(error: ChoragusError, frame?: Frame): void {
    if (error.code === 'ci_error' && frame !== undefined) this.#tell(frame);
    super.failed(error);
  }

  protected override written(id: string): string {
    return this.#line.withId?.(`"${id}"`) ?? this.#line.text;
  }

  #tell(frame: Frame): void {
    this.#to.frame(frame, this.session.line);
  }

  #end(frame: Frame): void {
    const timings = this.succeed(0, frame);
    if (timings === undefined) return;
    this.traceAnswer(timings);
    this.#to.over();
  }
}

function receiverOf(to: CarriedTo): RequestObserver {
  return {
    next: () => {},
    error: (error) => to.over(error as ChoragusError),
    complete: () => to.over(),
  };
}
