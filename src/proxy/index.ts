export { type ProxyOptions, type ProxyServer, serveProxy } from './serve-proxy.js';
