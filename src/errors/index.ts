export { ChoragusError, type ErrorDetails, type Timings } from './choragus-error.js';
export { type Code, codes, type Delivery, type Phase } from './code.js';
export { describeValue } from './describe-value.js';
export { peerWords } from './peer-words.js';
