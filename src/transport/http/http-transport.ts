import { defer, Observable, switchMap } from 'rxjs';
import type { Channel, ChannelSink, Dial, Target, Transport } from '../../contract/index.js';
import { undiciPackage } from '../../node/optional-peer.js';
import { checkTarget } from '../socket/check-target.js';
import type { SocketPhase } from '../socket/node-error.js';
import { refusalOf } from './chat.js';
import { fromHttpError, isFault } from './http-error.js';
import { HttpLink } from './http-link.js';
import { Origin, type OriginParts, originOpener } from './origin.js';

/** A model's prompt can be long, so the line protocol's limit of 64 KiB does not apply. */
const MAX_REQUEST_BYTES = 33_554_432;

/** Reads a target's address and options. @throws ChoragusError `invalid_config` */
export type ReadOrigin = (target: Target) => OriginParts;

/** Returns a transport for servers with a chat API over HTTP/1.1. `of` is its name in messages. */
export function httpTransport(of: string, readOrigin: ReadOrigin): Transport {
  return {
    maxRequestBytes: MAX_REQUEST_BYTES,
    traceContext: true,
    refusal: refusalOf,
    prepare(target: Target): Dial {
      checkTarget(of, target);
      const parts = readOrigin(target);
      const open = originOpener(parts);
      let origin: Origin | undefined;
      const dial = (undici: typeof import('undici'), sink: ChannelSink): Observable<Channel> => {
        // All connections of the CI share it.
        origin ??= new Origin(parts, open, undici);
        return linkTo(origin, sink);
      };
      return (sink) => {
        if (undiciPackage.module !== undefined) return dial(undiciPackage.module, sink);
        return defer(() => undiciPackage.load(`CI "${target.ci}": HTTP`)).pipe(
          switchMap((undici) => dial(undici, sink)),
        );
      };
    },
  };
}

function linkTo(origin: Origin, sink: ChannelSink): Observable<Channel> {
  return new Observable((subscriber) => {
    let phase: SocketPhase = 'dialling';
    const link = new HttpLink(origin, sink, (error) => {
      if (subscriber.closed) return;
      // A bug crashes the actor that owns this link.
      subscriber.error(isFault(error) ? fromHttpError(error, phase, origin.ci) : error);
    });
    link.dial(() => {
      if (subscriber.closed) return;
      phase = 'linked';
      subscriber.next(link);
    });
    return () => link.close();
  });
}
