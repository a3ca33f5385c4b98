export { isPlainObject } from '../errors/index.js';
export { bytesOf, checkFunction, isAbortSignal, lineOf } from './arguments.js';
export { type Checked, check } from './check.js';
export { aFunction, expected, withMethods } from './expected.js';
export { headers, listenOptions, pem, pems } from './network-options.js';
export { isTimeMs, MAX_TIMER_MS, milliseconds, wholeNumber } from './numbers.js';
export { copied, fieldsOf, listOf, optionsOf, recordOf } from './read-once.js';
