import {
  answer,
  chunk,
  cutShort,
  DONE,
  END,
  event,
  FIRST,
  PIECES,
  piece,
  SECOND,
  STOP,
  TEXT,
  toolPiece,
} from './pieces.js';
import type { Answer } from './row.js';
import { testRows } from './rows.js';

const thought: Answer = answer(TEXT, { finishReason: 'stop', reasoning: 'Hm, 5 €?' });

testRows('openai', 'reasoning', [
  ...['reasoning_content', 'reasoning'].map((field) => ({
    title: `${field}, then text`,
    body: chunk({ role: 'assistant', [field]: 'Hm, ' }) + chunk({ [field]: '5 €?' }) + PIECES + END,
    outcomes: { all: thought },
  })),
  {
    title: 'thinking, then text',
    body: chunk({ thinking: 'Hm, ' }) + chunk({ thinking: '5 €?' }) + PIECES + END,
    outcomes: { all: [thought, answer(TEXT)] },
    unsure: 'the specification names this field for Ollama',
  },
  {
    title: 'content: null beside it, and null beside the content (vLLM)',
    body:
      chunk({ content: null, reasoning_content: 'Hm, ' }) +
      chunk({ content: '', reasoning_content: '5 €?' }) +
      chunk({ content: TEXT, reasoning_content: null, reasoning: null }) +
      END,
    outcomes: { all: thought },
  },
  {
    title: 'both fields with the same text: it is not doubled (LiteLLM)',
    body:
      chunk({ reasoning_content: 'Hm, ', reasoning: 'Hm, ' }) +
      chunk({ reasoning_content: '5 €?', reasoning: '5 €?' }) +
      PIECES +
      END,
    outcomes: { all: thought },
  },
  {
    title: 'in the same chunk as text',
    body: chunk({ reasoning_content: 'Hm, 5 €?', content: TEXT }) + END,
    outcomes: { all: thought },
  },
  {
    title: 'between pieces of text',
    body: chunk({ reasoning: 'Hm, ' }) + piece(FIRST) + chunk({ reasoning: '5 €?' }) + piece(SECOND) + END,
    outcomes: { all: thought },
  },
  {
    title: 'alone, without any text',
    body: chunk({ reasoning_content: 'Hm, 5 €?' }) + chunk({}, 'length') + DONE,
    outcomes: { all: answer('', { finishReason: 'length', reasoning: 'Hm, 5 €?' }) },
  },
  {
    title: 'alone, and then the end: the answer was cut',
    body: chunk({ reasoning_content: 'Hm, 5 €?' }),
    outcomes: cutShort(),
  },
  {
    title: 'as a part of the content (Magistral)',
    body:
      piece([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm, ' }] }]) +
      piece([
        { type: 'thinking', thinking: [{ type: 'text', text: '5 €?' }] },
        { type: 'text', text: FIRST },
      ]) +
      piece(SECOND) +
      END,
    outcomes: { all: [thought, answer(TEXT)] },
    unsure: 'the specification knows parts of text alone; thinking is never text',
  },
  {
    title: 'reasoning_details alone (OpenRouter)',
    body:
      chunk({ content: '', reasoning: null, reasoning_details: [{ type: 'reasoning.text', text: 'Hm, 5 €?' }] }) +
      PIECES +
      END,
    outcomes: { all: [thought, answer(TEXT)] },
    unsure: 'the specification does not name this field',
  },
  {
    title: 'reasoning and reasoning_details: it is not doubled (OpenRouter)',
    body:
      chunk({ reasoning: 'Hm, 5 €?', reasoning_details: [{ type: 'reasoning.text', text: 'Hm, 5 €?' }] }) +
      PIECES +
      END,
    outcomes: { all: thought },
  },
  {
    title: 'of another choice is not that of the answer',
    body: event({ choices: [{ index: 1, delta: { reasoning: 'other' } }] }) + PIECES + END,
    outcomes: { all: answer(TEXT) },
  },
]);

const look = { id: 'call_1', name: 'look', arguments: '{"at":"Zürich"}' };
const go = { id: 'call_2', name: 'go', arguments: '{"to":"Bern"}' };
const fn = (name: string, args: unknown) => ({ type: 'function', function: { name, arguments: args } });
const called = (...toolCalls: readonly { id?: string; name: string; arguments: string }[]): Answer =>
  answer('', { finishReason: 'tool_calls', toolCalls });
const CALLED = chunk({}, 'tool_calls') + DONE;

testRows('openai', 'tool calls', [
  {
    title: 'in pieces (OpenAI)',
    body:
      chunk({
        role: 'assistant',
        content: null,
        tool_calls: [{ index: 0, id: look.id, type: 'function', function: { name: 'look', arguments: '' } }],
      }) +
      toolPiece({ index: 0, function: { arguments: '{"at"' } }) +
      toolPiece({ index: 0, function: { arguments: ':"Zürich"}' } }) +
      CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'whole in one chunk',
    body: toolPiece({ index: 0, id: look.id, ...fn('look', look.arguments) }) + CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'whole in the chunk with the finish reason',
    body: chunk({ tool_calls: [{ index: 0, id: look.id, ...fn('look', look.arguments) }] }, 'tool_calls') + DONE,
    outcomes: { all: called(look) },
  },
  {
    title: 'id, name and type again in each piece',
    body:
      toolPiece({ index: 0, id: look.id, ...fn('look', '{"at"') }) +
      toolPiece({ index: 0, id: look.id, type: 'function', function: { name: 'look', arguments: ':"Zürich"}' } }) +
      CALLED,
    outcomes: { all: called(look) },
    unsure: 'a name that comes again is the same name, or its next piece',
  },
  {
    title: 'id and name null or "" in the later pieces',
    body:
      toolPiece({ index: 0, id: look.id, ...fn('look', null) }) +
      toolPiece({ index: 0, id: null, type: null, function: { name: null, arguments: '{"at"' } }) +
      toolPiece({ index: 0, id: '', function: { name: '', arguments: ':"Zürich"}' } }) +
      CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'two, one after the other',
    body:
      toolPiece({ index: 0, id: look.id, ...fn('look', look.arguments) }) +
      toolPiece({ index: 1, id: go.id, ...fn('go', '{"to"') }) +
      toolPiece({ index: 1, function: { arguments: ':"Bern"}' } }) +
      CALLED,
    outcomes: { all: called(look, go) },
  },
  {
    title: 'two, their pieces in turns',
    body:
      toolPiece({ index: 0, id: look.id, ...fn('look', '') }, { index: 1, id: go.id, ...fn('go', '') }) +
      toolPiece({ index: 0, function: { arguments: '{"at":' } }) +
      toolPiece({ index: 1, function: { arguments: '{"to":' } }) +
      toolPiece({ index: 0, function: { arguments: '"Zürich"}' } }, { index: 1, function: { arguments: '"Bern"}' } }) +
      CALLED,
    outcomes: { all: called(look, go) },
  },
  {
    title: 'two, the second one first: in the order of their indices',
    body:
      toolPiece({ index: 1, id: go.id, ...fn('go', go.arguments) }) +
      toolPiece({ index: 0, id: look.id, ...fn('look', look.arguments) }) +
      CALLED,
    outcomes: { all: [called(look, go), called(go, look)] },
    unsure: 'the order of the model: that of the indices, or of arrival',
  },
  {
    title: 'without an index (Gemini)',
    body:
      toolPiece({ id: look.id, ...fn('look', look.arguments), extra_content: { google: { thought_signature: 'x' } } }) +
      CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'in pieces without an index (Gemini)',
    body:
      toolPiece({ id: look.id, ...fn('look', '{"at"') }) +
      toolPiece({ function: { arguments: ':"Zürich"}' } }) +
      CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'two in one chunk without an index (Gemini)',
    body: toolPiece({ id: look.id, ...fn('look', look.arguments) }, { id: go.id, ...fn('go', go.arguments) }) + CALLED,
    outcomes: { all: called(look, go) },
  },
  {
    title: 'two in two chunks without an index (Gemini)',
    body:
      toolPiece({ id: look.id, ...fn('look', look.arguments) }) +
      toolPiece({ id: go.id, ...fn('go', go.arguments) }) +
      CALLED,
    outcomes: { all: called(look, go) },
  },
  {
    title: 'two with index 0 and ids of their own (gcli2api#406)',
    body:
      toolPiece({ index: 0, id: look.id, ...fn('look', look.arguments) }) +
      toolPiece({ index: 0, id: go.id, ...fn('go', go.arguments) }) +
      CALLED,
    outcomes: {
      all: [called(look, go), called({ ...look, arguments: look.arguments + go.arguments })],
    },
    unsure: 'pieces are joined by index, yet these are two calls',
  },
  {
    title: 'arguments as an object',
    body: toolPiece({ index: 0, id: look.id, ...fn('look', { at: 'Zürich' }) }) + CALLED,
    outcomes: { all: called(look) },
  },
  {
    title: 'arguments null, or left out: a tool without parameters',
    body:
      toolPiece({ index: 0, id: 'call_1', ...fn('look', null) }) +
      toolPiece({ index: 1, id: 'call_2', type: 'function', function: { name: 'go' } }) +
      CALLED,
    outcomes: {
      all: [
        called({ id: 'call_1', name: 'look', arguments: '' }, { id: 'call_2', name: 'go', arguments: '' }),
        called({ id: 'call_1', name: 'look', arguments: '{}' }, { id: 'call_2', name: 'go', arguments: '{}' }),
      ],
    },
    unsure: 'no arguments: "" or "{}"',
  },
  {
    title: 'arguments that are no JSON: shown as they are',
    body: toolPiece({ index: 0, id: look.id, ...fn('look', '{"at": Zür') }) + CALLED,
    outcomes: { all: called({ ...look, arguments: '{"at": Zür' }) },
  },
  {
    title: 'without an id',
    body: toolPiece({ index: 0, ...fn('look', look.arguments) }) + CALLED,
    outcomes: { all: called({ name: 'look', arguments: look.arguments }) },
  },
  {
    title: 'text before them, and "stop" as the reason (Gemini)',
    body: piece(TEXT) + toolPiece({ index: 0, id: look.id, ...fn('look', look.arguments) }) + END,
    outcomes: { all: answer(TEXT, { finishReason: 'stop', toolCalls: [look] }) },
  },
  {
    title: 'tool_calls: null and [] are none',
    body: chunk({ content: FIRST, tool_calls: null }) + chunk({ content: SECOND, tool_calls: [] }) + END,
    outcomes: { all: answer(TEXT) },
  },
  {
    title: 'cut in the middle of the arguments',
    body: toolPiece({ index: 0, id: look.id, ...fn('look', '{"at":"Z') }),
    outcomes: cutShort(),
  },
  {
    title: 'a legacy function_call in pieces',
    body:
      chunk({ role: 'assistant', content: null, function_call: { name: 'look', arguments: '' } }) +
      chunk({ function_call: { arguments: '{"at"' } }) +
      chunk({ function_call: { arguments: ':"Zürich"}' } }) +
      chunk({}, 'function_call') +
      DONE,
    outcomes: {
      all: [
        answer('', { finishReason: 'function_call', toolCalls: [{ name: 'look', arguments: look.arguments }] }),
        answer('', { finishReason: 'function_call' }),
      ],
    },
    unsure: 'the specification does not name the legacy field',
  },
  {
    title: 'a piece that says nothing',
    body: toolPiece({}) + toolPiece({ index: 0 }) + PIECES + END,
    outcomes: {
      all: [0, 1, 2].map((count) =>
        answer(TEXT, {
          finishReason: 'stop',
          ...(count > 0 && { toolCalls: Array(count).fill({ name: '', arguments: '' }) }),
        }),
      ),
    },
    unsure: 'no call, or one without a name',
  },
  {
    title: 'of another choice are not those of the answer',
    body:
      event({ choices: [{ index: 1, delta: { tool_calls: [{ index: 0, id: 'x', ...fn('other', '{}') }] } }] }) +
      PIECES +
      END,
    outcomes: { all: answer(TEXT) },
  },
]);

testRows('openai', 'refusals', [
  {
    title: 'in pieces (OpenAI)',
    body:
      chunk({ role: 'assistant', content: '', refusal: null }) +
      chunk({ refusal: 'I cannot ' }) +
      chunk({ refusal: 'say – 5 €.' }) +
      END,
    outcomes: { all: answer('', { finishReason: 'stop', refusal: 'I cannot say – 5 €.' }) },
  },
  {
    title: 'refusal: null in each chunk is none',
    body: chunk({ content: FIRST, refusal: null }) + chunk({ content: SECOND, refusal: null }) + END,
    outcomes: { all: answer(TEXT) },
  },
  {
    title: 'after text',
    body: piece(TEXT) + chunk({ refusal: 'No more.' }) + STOP + DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'stop', refusal: 'No more.' }) },
  },
  { title: 'cut', body: chunk({ refusal: 'I can' }), outcomes: cutShort() },
]);
