import { Observable, Subject } from 'rxjs';
import type { ConnectionEvent } from '../../../machines/index.js';
import type { LinkPort } from '../../../src/connection/link.js';
import type { Channel } from '../../../src/contract/index.js';
import type { ChoragusError } from '../../../src/errors/index.js';

type Loss = Extract<ConnectionEvent, { type: 'link.lost' }>;

/** What a successful dial ends in. */
export const channel: Channel = { isWritable: true, send: () => {} };

/** A connection that the test controls completely; it records every call of the link. */
export class ScriptedPort implements LinkPort {
  readonly log: string[] = [];
  readonly channels = new Subject<Channel>();
  openDials = 0;
  crash: unknown;
  /** Losses not yet reported; undefined if they are reported at once. */
  untold: (() => void)[] | undefined;
  /** Gives the permit, if it was not given at once. */
  allow: () => void = () => {};
  readonly #permits: 'at once' | 'later';
  readonly #dialled: Observable<Channel>;

  constructor(permits: 'at once' | 'later' = 'at once', dialled?: Observable<Channel>) {
    this.#permits = permits;
    this.#dialled = dialled ?? this.channels;
  }

  permit(start: (dialled: () => void) => void): () => void {
    this.log.push('permit');
    this.allow = () => start(() => this.log.push('dialled'));
    if (this.#permits === 'at once') this.allow();
    return () => this.log.push('cancel');
  }

  dial(): Observable<Channel> {
    this.log.push('dial');
    return new Observable((subscriber) => {
      this.openDials += 1;
      subscriber.add(() => {
        this.openDials -= 1;
        this.log.push('hung up');
      });
      subscriber.add(this.#dialled.subscribe(subscriber));
    });
  }

  attach(attached: Channel): void {
    this.log.push(attached === channel ? 'attach' : 'attach another');
  }

  losing(error: ChoragusError, tell: (loss: Loss) => void) {
    this.log.push(`losing: ${error.code}`);
    const record = { how: 'down', isPeerKnown: true, hasAnswered: true, uptimeMs: 5 } as const;
    const loss: Loss = { type: 'link.lost', reason: error.code, ...record };
    if (this.untold === undefined) tell(loss);
    else this.untold.push(() => tell(loss));
  }

  crashed(error: unknown): void {
    this.log.push('crashed');
    this.crash = error;
  }

  detach(): void {
    this.log.push('detach');
  }

  times(entry: string): number {
    return this.log.filter((one) => one === entry).length;
  }
}
