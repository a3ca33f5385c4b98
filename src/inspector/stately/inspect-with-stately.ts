import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import * as v from 'valibot';
import type { AnyActorRef, AnyEventObject, AnyStateMachine, InspectionEvent } from 'xstate';
import { aFunction, check, expected, listOf, optionsOf } from '../../checks/index.js';
import type { Pool } from '../../contract/index.js';
import { wsPackage } from '../../node/optional-peer.js';
import { watchableOf } from '../../observe/watchable.js';
import { boundedContent } from '../content/bounded-content.js';
import type { Redact } from '../content/redact.js';
import { StatelySocket } from './stately-socket.js';

/** Number of connections that are reported by default. */
const FEW = 10;
/** The version of the format of `@statelyai/inspect`. */
const FORMAT = '0.7.2';

/** The fields of a connection's context that are reported: no settings. */
const SHOWN = ['connection', 'demand', 'attempt', 'delayMs', 'missedHeartbeats', 'suspicion'];

/** Configures {@link inspectWithStately}. */
export interface StatelyOptions {
  /** The address of a receiver of `@statelyai/inspect`, or of `choragus inspect`: `ws://localhost:8080`. */
  readonly url: string;
  /** Names of connections (`apollo#1`) or of CIs. Default: the first 10 connections. */
  readonly connections?: readonly string[] | undefined;
  /**
   * Decides what is sent of the actors' events and contexts, which can contain message content. It is applied in this
   * process, to each value. Values of keys such as `password`, `token` and `authorization` are never sent. Default: none;
   * then only the types of the events and six fields of the context are sent.
   *
   * @example
   * ```ts
   * const redact = (value: unknown, path: readonly (string | number)[]) => (path.includes('frame') ? undefined : value);
   * ```
   */
  readonly redact?: Redact | undefined;
}

/** Describes a running report. */
export interface StatelyReport {
  /** Number of messages dropped because the receiver was too slow. */
  readonly dropped: number;
  /** Ends the report. */
  close(): void;
}

const schema = optionsOf({
  url: expected<string>('a URL that begins with ws: or wss:', isWebSocketUrl),
  connections: v.optional(
    listOf(
      expected<string>('a name', (name) => typeof name === 'string'),
      'a list of names',
    ),
  ),
  redact: v.optional(aFunction<Redact>()),
});

function isWebSocketUrl(url: unknown): boolean {
  return typeof url === 'string' && /^wss?:\/\/[^/]/.test(url) && URL.canParse(url);
}

/**
 * Reports some connections of a running pool in the format of `@statelyai/inspect`: first their state, then each
 * change. Sends no message content and no settings, unless `redact` is given. If the receiver is too slow, drops messages and counts them. Needs
 * the package `ws`. Does not keep the process alive.
 *
 * @throws ChoragusError `invalid_config` for a bad option, if `pool` is not a pool, and if `ws` is not installed.
 *
 * @example
 * ```ts
 * const report = await inspectWithStately(pool, { url: 'ws://localhost:8080', connections: ['apollo'] });
 * ```
 */
export async function inspectWithStately(pool: Pool, options: StatelyOptions): Promise<StatelyReport> {
  const of = 'inspectWithStately';
  const { url, connections, redact } = check(schema, options, { of });
  const watchable = watchableOf(pool, of);
  const { WebSocket } = await wsPackage.load('This inspector');
  const names = chosen(
    watchable.cis.flatMap((ci) => watchable.status(ci)?.connections ?? []),
    connections,
  );
  // Two processes that report to one receiver must not have actors with the same name.
  const prefix = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const createConnection = new URL(url).protocol === 'wss:' ? secureUnheld : plainUnheld;
  const connect = () => new WebSocket(url, { createConnection, handshakeTimeout: 5_000 });
  const socket = new StatelySocket(connect, () => [...present.values()].flat());
  const present = new Map<string, object[]>();
  const idOf = (ref: unknown): string => `${prefix}/${(ref as AnyActorRef).sessionId}`;
  const untaps = names.flatMap((name) => {
    const rootId = `${prefix}/${name}`;
    const untap = watchable.tap(name, (event) => {
      const message = messageOf(event, idOf, rootId, redact);
      if (message === undefined) return;
      remember(present, name, message);
      socket.send(message);
    });
    return untap === undefined ? [] : [untap];
  });
  socket.open();
  return {
    get dropped() {
      return socket.dropped;
    },
    close: () => {
      for (const untap of untaps) untap();
      socket.close();
    },
  };
}

/** Connects without keeping the process alive. */
function plainUnheld(options: object): net.Socket {
  return net.connect(options as net.NetConnectOpts).unref();
}

function secureUnheld(options: object): tls.TLSSocket {
  return tls.connect(options as tls.ConnectionOptions).unref();
}

function chosen(
  all: readonly { readonly connection: string }[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  const names = all.map(({ connection }) => connection);
  if (wanted === undefined) return names.slice(0, FEW);
  return names.filter((name) => wanted.includes(name) || wanted.includes(name.replace(/#\d+$/, '')));
}

type Message = Readonly<Record<string, unknown>> & { readonly type: string; readonly sessionId: string };

/** Keeps the last start and the last state of each actor, for a receiver that connects later. */
function remember(present: Map<string, object[]>, name: string, message: Message): void {
  if (message.type === '@xstate.event') return;
  const known = (present.get(name) ?? []) as Message[];
  const others = known.filter(({ type, sessionId }) => type !== message.type || sessionId !== message.sessionId);
  present.set(name, [...others, message].slice(-MOST_REMEMBERED));
}

const MOST_REMEMBERED = 16;

const definitions = new WeakMap<AnyStateMachine, string>();

function messageOf(
  event: InspectionEvent,
  idOf: (ref: unknown) => string,
  rootId: string,
  redact: Redact | undefined,
): Message | undefined {
  const ref = event.actorRef as AnyActorRef;
  const head = { sessionId: idOf(ref), createdAt: String(Date.now()), id: null, rootId, _version: FORMAT };
  switch (event.type) {
    case '@xstate.actor': {
      const parent = ref._parent;
      return {
        ...head,
        type: event.type,
        name: ref.id,
        parentId: parent === undefined ? undefined : idOf(parent),
        definition: definitionOf(ref),
        snapshot: snapshotOf(ref.getSnapshot(), redact),
      };
    }
    case '@xstate.event':
      return {
        ...head,
        type: event.type,
        event: eventOf(event.event, redact),
        sourceId: event.sourceRef === undefined ? undefined : idOf(event.sourceRef),
      };
    case '@xstate.snapshot':
      return {
        ...head,
        type: event.type,
        event: { type: event.event.type },
        snapshot: snapshotOf(event.snapshot, redact),
      };
    default:
      return undefined;
  }
}

/** Returns the machine's definition as JSON. Encodes each machine once: all connections share it. */
function definitionOf(ref: AnyActorRef): string {
  const machine = (ref as { readonly logic?: AnyStateMachine }).logic;
  if (machine === undefined || !('config' in machine)) return JSON.stringify({ id: ref.id });
  let text = definitions.get(machine);
  if (text === undefined) {
    text = JSON.stringify(machine.config, (_, value) => (typeof value === 'function' ? { type: value.name } : value));
    definitions.set(machine, text);
  }
  return text;
}

function eventOf({ type, ...fields }: AnyEventObject, redact: Redact | undefined): object {
  if (redact === undefined) return { type };
  const shown = boundedContent(fields, 'event', redact);
  // The function can have replaced all fields by one text.
  return typeof shown === 'object' ? { ...shown, type } : { content: shown, type };
}

function snapshotOf(snapshot: unknown, redact: Redact | undefined): object {
  const { status, value, context, tags } = snapshot as Readonly<Record<string, unknown>>;
  return {
    status,
    ...(value === undefined ? {} : { value, tags: [...((tags as Iterable<string> | undefined) ?? [])] }),
    context: redact === undefined ? fewFieldsOf(context) : boundedContent(context, 'context', redact),
  };
}

function fewFieldsOf(context: unknown): object {
  return Object.fromEntries(Object.entries((context ?? {}) as object).filter(([name]) => SHOWN.includes(name)));
}
