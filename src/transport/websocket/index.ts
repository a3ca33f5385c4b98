export { type WebSocketOptions, webSocketTransport } from './websocket-transport.js';
