export type { Clock, TimerHold } from './clock.js';
export type { ConnectionState } from './connection-state.js';
export type {
  ConnectionStateMessage,
  IncidentMessage,
  LateReplyMessage,
  RequestContext,
  ServeContext,
} from './diagnostics.js';
export type { Exchange, ReplyMode } from './exchange.js';
export type { Frame } from './frame.js';
export type { Incident } from './incident.js';
export type { CarriedCi, CarriedLine, CarriedTo, LineCarrier } from './line-carrier.js';
export type { Distribution, Metrics } from './metrics.js';
export type {
  CiOptions,
  InspectedEvent,
  InspectionObserver,
  LimitOptions,
  Limits,
  Logger,
  OrderingOption,
  Pool,
  PoolOptions,
} from './pool.js';
export type { Chunk, ChunkKind, Outcome, Reply, ToolCall, ToolCallPiece, Usage } from './reply.js';
export type {
  BroadcastOptions,
  ChatMessage,
  ChatSettings,
  Message,
  Priority,
  RequestOptions,
  StreamOptions,
  WireMessage,
} from './request.js';
export type {
  CiStatus,
  ConnectionStatus,
  DrainReport,
  ErrorSummary,
  Ordering,
  PastTransition,
  PoolSnapshot,
  StateChange,
  WarmReport,
} from './status.js';
export type { TraceCarrier } from './trace-carrier.js';
export type { Channel, ChannelSink, Dial, Outgoing, Target, TlsOptions, Transport } from './transport.js';
