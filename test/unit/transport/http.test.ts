import { ollamaTransport, openAiTransport } from '../../../src/index.js';
import { dialects } from '../../support/model-dialects.js';
import { transportConformance } from './conformance.js';
import { HttpWire } from './http-wire.js';

transportConformance('over HTTP, as Ollama speaks', () =>
  HttpWire.open(ollamaTransport({ probe: 'connect' }), dialects.ollama),
);
transportConformance('over HTTP, as OpenAI-compatible servers speak', () =>
  HttpWire.open(openAiTransport({ probe: 'connect' }), dialects.openai),
);
