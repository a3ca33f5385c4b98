export { type OpenAiOptions, openAiTransport } from './openai-transport.js';
