import type { Dialect } from '../dialect.js';
import { chatCompletions } from './chat-completions.js';
import { failureOf } from './failure.js';
import { listModels, oneModel } from './models.js';

/**
 * OpenAI's API: chat completions and models.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export const openAiDialect: Dialect = {
  name: 'openai',
  routes: () => [
    { method: 'POST', path: '/v1/chat/completions', answer: chatCompletions },
    { method: 'GET', path: '/v1/models', answer: listModels },
    { method: 'GET', path: '/v1/models/:model', answer: oneModel },
  ],
  failure: failureOf,
};
