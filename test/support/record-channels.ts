import { type Channel, channel } from 'node:diagnostics_channel';
import { afterEach } from 'vitest';
import type { RequestContext } from '../../src/index.js';

/** The channels of requests, in the order in which a streamed request publishes on them. */
export const requestEvents = {
  start: 'tracing:choragus:request:start',
  end: 'tracing:choragus:request:end',
  written: 'choragus:request:written',
  firstChunk: 'choragus:request:first_chunk',
  error: 'tracing:choragus:request:error',
  asyncStart: 'tracing:choragus:request:asyncStart',
  asyncEnd: 'tracing:choragus:request:asyncEnd',
} as const;

export type RequestEvent = keyof typeof requestEvents;

/** One event of a request, with the fields that the context had at that moment. */
export interface RecordedEvent {
  readonly event: RequestEvent;
  readonly context: RequestContext;
  readonly past: RequestContext;
}

/** Subscribes to channels, until the end of the test. */
export interface ChannelRecorder {
  /** Subscribes to a channel. Returns a function that unsubscribes. */
  on(name: string, observer: (message: unknown) => void): () => void;
  /** Records the events of all requests, or only some of the events. */
  requests(events?: readonly RequestEvent[]): RecordedEvent[];
}

export function useChannels(): ChannelRecorder {
  const leave = new Set<() => void>();
  const on = (name: string, observer: (message: unknown) => void): (() => void) => {
    const its: Channel = channel(name);
    its.subscribe(observer);
    const off = (): void => {
      its.unsubscribe(observer);
      leave.delete(off);
    };
    leave.add(off);
    return off;
  };
  afterEach(() => {
    for (const off of [...leave]) off();
  });
  return {
    on,
    requests: (events = Object.keys(requestEvents) as RequestEvent[]) => {
      const recorded: RecordedEvent[] = [];
      for (const event of events) {
        on(requestEvents[event], (message) => {
          const context = message as RequestContext;
          recorded.push({ event, context, past: { ...context } });
        });
      }
      return recorded;
    },
  };
}

/** Returns the names of the events of one request. */
export function eventsOf(recorded: readonly RecordedEvent[], context = recorded[0]?.context): RequestEvent[] {
  return recorded.filter((each) => each.context === context).map(({ event }) => event);
}
