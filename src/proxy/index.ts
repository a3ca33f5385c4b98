export type { ProxyOptions } from './proxy-options.js';
export { type ProxyServer, serveProxy } from './serve-proxy.js';
