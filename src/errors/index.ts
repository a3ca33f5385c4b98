export { ChoragusError, type ErrorDetails, type Timings } from './choragus-error.js';
export { type Code, codes, type Delivery, type Phase } from './code.js';
export { describeValue } from './describe-value.js';
export {
  credentialsInUrl,
  invalidCi,
  invalidConfig,
  invalidHeader,
  portOutOfRange,
  wrongArgument,
  wrongUrl,
} from './failures/config.js';
export {
  type Cut,
  cannotConnect,
  closedByPeer,
  connectionLost,
  dialTimedOut,
  failuresOfPeer,
  lost,
  ownEcho,
  retired,
  unavailable,
} from './failures/link.js';
export {
  cutAnswer,
  nonFiniteNumber,
  notAnObject,
  notJson,
  notOfWire,
  replyTooLarge,
  unprovedReply,
  unreadablePart,
  withoutContent,
  wrongReplyType,
} from './failures/reply.js';
export {
  aborted,
  alreadySent,
  bufferOverflow,
  ciError,
  ciOverloaded,
  missed,
  overloaded,
  poolClosed,
  refusal,
  requestTooLarge,
  unknownCi,
} from './failures/request.js';
export { peerWords } from './peer-words.js';
export { isPlainObject } from './plain-object.js';
