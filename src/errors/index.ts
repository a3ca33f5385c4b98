export { ChoragusError, type ErrorDetails, type Timings } from './choragus-error.js';
export { type Code, codes, type Delivery, type Phase } from './code.js';
export { describeValue } from './describe-value.js';
export {
  aborted,
  dialTimedOut,
  failuresOfPeer,
  invalidConfig,
  lost,
  missed,
  overloaded,
  poolClosed,
  refusal,
  retired,
  tooLong,
  unavailable,
  unknownCi,
  withoutContent,
  wrongArgument,
} from './failures.js';
export { peerWords } from './peer-words.js';
