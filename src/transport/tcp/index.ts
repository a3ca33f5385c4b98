export { tcpTransport } from './tcp-transport.js';
