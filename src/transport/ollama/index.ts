export { type OllamaOptions, ollamaTransport } from './ollama-transport.js';
