import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Exchange } from '../../contract/index.js';
import type { TraceRecord } from './records.js';

/** Fields of the machines' events that the feed sends. None of them can contain message content. */
const CAUSES = ['reason', 'record', 'demand'] as const;

/** Returns the record of one inspection event; `undefined` if the page does not use it. */
export function traceRecordOf(
  root: string,
  seq: number,
  inspected: InspectionEvent & { readonly actorRef: unknown },
): TraceRecord | undefined {
  const head = { t: 'trace', at: Date.now(), seq, root } as const;
  const to = nameOf(inspected.actorRef) ?? root;
  switch (inspected.type) {
    case '@xstate.event': {
      const from = nameOf(inspected.sourceRef);
      const cause = causeOf(inspected.event);
      return {
        ...head,
        kind: 'event',
        ...(from === undefined ? {} : { from }),
        to,
        type: inspected.event.type,
        ...(cause === undefined ? {} : { cause }),
      };
    }
    case '@xstate.snapshot': {
      const value = 'value' in inspected.snapshot ? inspected.snapshot.value : undefined;
      // Only machines have a state value.
      if (value === undefined) return undefined;
      return { ...head, kind: 'state', to, type: inspected.event.type, value };
    }
    case '@xstate.actor':
      return { ...head, kind: 'actor', to, type: 'started' };
    default:
      return undefined;
  }
}

/** Returns the record of an ended request. Its sender is `requests`, and its receiver the connection. */
export function exchangeRecordOf(root: string, seq: number, ended: Exchange, skipped: number): TraceRecord {
  const { type, ...exchange } = ended;
  const head = { t: 'trace', at: Date.now(), seq, root } as const;
  return { ...head, kind: 'exchange', from: 'requests', to: root, type, exchange, ...(skipped > 0 ? { skipped } : {}) };
}

/** Returns an actor's id. The machine sets the ids of its children: `link` and `heartbeat`. */
function nameOf(ref: unknown): string | undefined {
  return (ref as AnyActorRef | undefined)?.id;
}

function causeOf(event: Readonly<Record<string, unknown>>): Record<string, string | number> | undefined {
  const causes = CAUSES.flatMap((name) => {
    const value = event[name];
    return typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [];
  });
  return causes.length === 0 ? undefined : Object.fromEntries(causes);
}
