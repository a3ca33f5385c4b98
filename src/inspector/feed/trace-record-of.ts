import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Exchange } from '../../contract/index.js';
import type { TraceRecord } from './records.js';

/** Fields of the machines' events that are told: none of them can hold content. */
const CAUSES = ['reason', 'record', 'demand'] as const;

/** What is told of one thing that an actor went through; `undefined` for what the page has no use for. */
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
      // Children that are no machines have no states, only that they are there or not.
      if (value === undefined) return undefined;
      return { ...head, kind: 'state', to, type: inspected.event.type, value };
    }
    case '@xstate.actor':
      return { ...head, kind: 'actor', to, type: 'started' };
    default:
      return undefined;
  }
}

/** What is told of a request that a connection carried: it ends at the connection, and began with whoever asked. */
export function exchangeRecordOf(root: string, seq: number, told: Exchange, skipped: number): TraceRecord {
  const { type, ...exchange } = told;
  const head = { t: 'trace', at: Date.now(), seq, root } as const;
  return { ...head, kind: 'exchange', from: 'requests', to: root, type, exchange, ...(skipped > 0 ? { skipped } : {}) };
}

/** An actor's own name: ids of children are chosen by the machine, `link` and `heartbeat`. */
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
