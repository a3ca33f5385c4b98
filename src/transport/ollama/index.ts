export { ollamaTransport } from './ollama-transport.js';
