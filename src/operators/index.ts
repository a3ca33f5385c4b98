export type { ObservableIterator, OverflowPolicy } from './buffered-iterator.js';
export { collect } from './collect.js';
export { deadline } from './deadline.js';
export { firstChunkTimeout } from './first-chunk-timeout.js';
export { idleTimeout } from './idle-timeout.js';
export { noRetry } from './no-retry.js';
export { text } from './text.js';
export { type ToAsyncIterableOptions, toAsyncIterable } from './to-async-iterable.js';
