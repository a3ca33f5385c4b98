import type { TraceRecord } from '../../feed/records.js';
import { span } from '../spans.js';

/** One line of the sequence. */
export interface Step {
  readonly key: string;
  readonly at: number;
  /** `request` and `reply`: the two ends of a request. `found`: the state in which the trace found the actor. */
  readonly kind: 'event' | 'request' | 'reply' | 'state' | 'found' | 'started';
  /** The sender; undefined for an event from outside of the traced actors. */
  readonly from: string | undefined;
  readonly to: string;
  readonly text: string;
  /** For a reply: the key of its request's step, and whether it was answered. */
  readonly request?: string;
  readonly isAnswered?: boolean;
}

/** Returns the steps of records in the order of their times. A request has two, because its record comes when it has ended. */
export function stepsOf(records: readonly TraceRecord[]): Step[] {
  return records.flatMap(stepsOfOne).sort((a, b) => a.at - b.at);
}

function stepsOfOne(record: TraceRecord): Step[] {
  const { at, root, seq, kind, from, to, type, exchange, skipped } = record;
  const key = `${root} ${seq}`;
  if (kind === 'event') return [{ key, at, kind, from, to, text: eventText(record) }];
  if (kind === 'actor') return [{ key, at, kind: 'started', from: undefined, to, text: type }];
  if (kind === 'state' || exchange === undefined) {
    const found = record.isInitial === true;
    const text = `${found ? 'found in ' : ''}${valueText(record.value)}`;
    return [{ key, at, kind: found ? 'found' : 'state', from: undefined, to, text }];
  }
  const { ended, sent, received, chunks, timings } = exchange;
  const asked = from ?? 'requests';
  const pieces = chunks > 0 ? ` in ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}` : '';
  const others = skipped === undefined ? '' : `, ${skipped} more before it`;
  const isAnswered = ended === 'answered';
  const size = isAnswered || received > 0 ? `, ${received} characters${pieces}` : '';
  const request = `${key} request`;
  return [
    { key: request, at: at - timings.totalMs, kind: 'request', from: asked, to, text: `${type}, ${sent} characters` },
    {
      key,
      at,
      kind: 'reply',
      from: to,
      to: asked,
      text: `${ended}${size}, ${span(timings.totalMs)}${others}`,
      request,
      isAnswered,
    },
  ];
}

function eventText({ type, cause = {} }: TraceRecord): string {
  return [type, ...Object.entries(cause).map(([key, text]) => `${key} ${text}`)].join(', ');
}

/** Returns a state value of xstate as text: `linked › healthy`. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'changed';
  return typeof value === 'string' ? value : JSON.stringify(value).replace(/["{}]/g, '').replaceAll(':', ' › ');
}

/** Returns the records that belong to one request: its own, and the events from its start to its end. */
export function recordsOfRequest(records: readonly TraceRecord[], request: TraceRecord): TraceRecord[] {
  const from = request.at - (request.exchange?.timings.totalMs ?? 0);
  return records.filter(
    (record) => record === request || (record.kind !== 'exchange' && record.at >= from && record.at <= request.at),
  );
}
