import {
  answer,
  bodyEnds,
  chunk,
  cut,
  cutShort,
  DONE,
  END,
  event,
  FIRST,
  failed,
  garbled,
  lost,
  PIECES,
  piece,
  SECOND,
  STOP,
  STOPPED,
  TEXT,
  usage,
  waited,
} from './pieces.js';
import { testRows } from './rows.js';

const counted = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const USAGE = event({ choices: [], usage: counted });
const used = { finishReason: 'stop', usage: usage(3, 2) };

testRows('openai', 'what ends an answer', [
  { title: '[DONE]', body: PIECES + END, outcomes: { all: STOPPED, fin: STOPPED } },
  { title: '[DONE] without a space', body: `${PIECES}${STOP}data:[DONE]\n\n`, outcomes: { all: STOPPED } },
  { title: '[DONE] with spaces around it', body: `${PIECES}${STOP}data:  [DONE] \n\n`, outcomes: { all: STOPPED } },
  {
    title: '[DONE] without the blank line (llama.cpp)',
    body: `${PIECES}${STOP}data: [DONE]`,
    outcomes: bodyEnds(STOPPED),
  },
  {
    title: '[DONE] with one newline, then the end of the body',
    body: `${PIECES}${STOP}data: [DONE]\n`,
    outcomes: bodyEnds(STOPPED),
  },
  { title: '[DONE], without any finish reason', body: PIECES + DONE, outcomes: { all: answer(TEXT, {}) } },
  {
    title: '[DONE], with null as the only finish reason (can1357/oh-my-pi#9433)',
    body: PIECES + chunk({}, null) + DONE,
    outcomes: { all: answer(TEXT, {}) },
  },
  {
    title: '[DONE] without a finish reason and without the blank line',
    body: `${PIECES}data: [DONE]\n`,
    outcomes: { clean: [answer(TEXT, {}), cut(TEXT)], reset: [answer(TEXT, {}), lost(TEXT)] },
    unsure: 'the event is not complete, yet its line is',
  },
  { title: '[DONE] alone', body: DONE, outcomes: { all: answer('', {}) } },
  {
    title: 'garbage after [DONE]',
    body: `${PIECES}${END}data: {"choi\n\nerror: late\n\n${piece('late')}`,
    outcomes: { all: STOPPED },
  },
  {
    title: '300 KB after [DONE]',
    body: PIECES + END + piece('x'.repeat(300_000)),
    outcomes: { clean: STOPPED, open: STOPPED },
    inOnePacket: true,
  },
  { title: 'event: done', body: `${PIECES}${STOP}event: done\ndata: [DONE]\n\n`, outcomes: { all: STOPPED } },
  { title: 'event: done, with empty data', body: `${PIECES}${STOP}event: done\ndata:\n\n`, outcomes: { all: STOPPED } },
  {
    title: 'event: done, with an empty object and no finish reason',
    body: `${PIECES}event: done\ndata: {}\n\n`,
    outcomes: { all: answer(TEXT, {}) },
  },
  {
    title: 'event: done, without data',
    body: `${PIECES}${STOP}event: done\n\n`,
    outcomes: { clean: STOPPED, reset: STOPPED },
  },
  { title: 'the end of the body after a finish reason', body: PIECES + STOP, outcomes: bodyEnds(STOPPED) },
  {
    title: 'the end of the body, announced by its length',
    body: PIECES + STOP,
    framing: 'length',
    outcomes: bodyEnds(STOPPED),
  },
  {
    title: 'the end of the connection, as in KoboldCpp (HTTP/1.0)',
    body: PIECES + STOP,
    version: '1.0',
    framing: 'close',
    outcomes: { clean: STOPPED, reset: STOPPED },
  },
  { title: 'the end of the body without a finish reason', body: PIECES, outcomes: cutShort(TEXT) },
  {
    title: 'the end of the connection without a finish reason',
    body: PIECES,
    framing: 'close',
    outcomes: { clean: cut(TEXT), reset: [lost(TEXT), cut(TEXT)] },
    unsure: 'undici takes the reset of such a body as its end',
  },
  { title: 'the end of the body before any text', body: chunk({ role: 'assistant' }), outcomes: cutShort() },
  { title: 'an empty body', body: '', outcomes: cutShort() },
  { title: 'a body of blank lines', body: '\n\n\n', outcomes: cutShort() },
  { title: 'a body of comments', body: ': keep-alive\n\n: keep-alive\n\n', outcomes: cutShort() },
  {
    title: 'the end of the body in the middle of an event',
    body: `${PIECES}data: {"choices":[{"delta":{"content":"he`,
    outcomes: {
      clean: [cut(TEXT), garbled(TEXT)],
      reset: lost(TEXT),
      fin: [cut(TEXT, { says: [] }), garbled(TEXT), lost(TEXT)],
    },
    unsure: 'cut, or a frame that cannot be parsed: both are protocol errors',
  },
  {
    title: 'only the choice with index 1 has finished (litellm)',
    body:
      PIECES +
      event({ choices: [{ index: 1, delta: { content: 'other' }, finish_reason: null }] }) +
      event({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
    outcomes: cutShort(TEXT),
  },
  {
    title: 'silence without a finish reason',
    body: PIECES,
    outcomes: { open: waited(TEXT) },
    grace: true,
    inOnePacket: true,
    deadlineMs: 250,
  },
  { title: 'silence after a finish reason', body: PIECES + STOP, outcomes: { open: STOPPED }, grace: true },
  {
    title: 'silence after a finish reason and the usage',
    body: PIECES + STOP + USAGE,
    outcomes: { open: answer(TEXT, used) },
    grace: true,
    inOnePacket: true,
  },
  {
    title: 'silence after a finish reason with text beside it',
    body: piece(FIRST) + piece(SECOND, 'length'),
    outcomes: { open: answer(TEXT, { finishReason: 'length' }) },
    grace: true,
  },
  {
    title: 'silence after text that came after a finish reason',
    body: piece(FIRST, 'stop') + piece(SECOND, 'stop'),
    outcomes: { open: waited(TEXT) },
    grace: true,
    inOnePacket: true,
    deadlineMs: 400,
  },
]);

testRows('openai', 'finish reasons', [
  {
    title: '"" in each chunk while text goes on (ollama#4357, sglang#3912)',
    body: piece(FIRST, '') + piece(SECOND, '') + END,
    outcomes: { all: STOPPED },
  },
  {
    title: '"" in each chunk, the last one too, then [DONE]',
    body: piece(FIRST, '') + piece(SECOND, '') + chunk({}, '') + DONE,
    outcomes: { all: answer(TEXT, {}) },
  },
  {
    title: '"" in each chunk, and then nothing: "" is no reason',
    body: piece(FIRST, '') + piece(SECOND, ''),
    outcomes: cutShort(TEXT),
  },
  {
    title: '"stop" in each chunk while text goes on (litellm#2195)',
    body: piece(FIRST, 'stop') + piece(SECOND, 'stop') + DONE,
    outcomes: { all: STOPPED },
  },
  {
    title: '"stop" in each chunk, without [DONE]',
    body: piece(FIRST, 'stop') + piece(SECOND, 'stop'),
    outcomes: { clean: STOPPED, reset: lost(TEXT) },
  },
  {
    title: '"stop" in each chunk, and in an empty one at the end',
    body: piece(FIRST, 'stop') + piece(SECOND, 'stop') + STOP,
    outcomes: { clean: STOPPED, reset: [STOPPED, lost(TEXT)] },
    unsure: 'the last reason had no text beside it, but text had come after reasons before',
  },
  {
    title: '"stop" in the first, empty chunk (open-webui#23921)',
    body: chunk({ role: 'assistant', content: '' }, 'stop') + piece(FIRST) + piece(SECOND) + DONE,
    outcomes: { all: STOPPED },
  },
  {
    title: '"stop" in the first, empty chunk, and the socket is lost after text',
    body: chunk({ role: 'assistant', content: '' }, 'stop') + piece(FIRST) + piece(SECOND),
    outcomes: { reset: lost(TEXT) },
  },
  {
    title: 'with the last text in the same chunk (vllm#36944)',
    body: piece(FIRST) + piece(SECOND, 'length') + DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'length' }) },
  },
  {
    title: 'with the last text in the same chunk, without [DONE]',
    body: piece(FIRST) + piece(SECOND, 'length'),
    outcomes: { clean: answer(TEXT, { finishReason: 'length' }), reset: lost(TEXT) },
  },
  {
    title: 'the last one that is not empty counts',
    body: piece(FIRST, 'stop') + piece(SECOND, 'length') + chunk({}, '') + chunk({}, null) + DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'length' }) },
  },
  {
    title: '"null" as text, as in old KoboldCpp',
    body: piece(FIRST, 'null') + piece(SECOND, 'null') + END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'words of other servers: eos_token (TGI)',
    body: PIECES + chunk({}, 'eos_token') + DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'eos_token' }) },
  },
  {
    title: 'content_filter after text (Azure)',
    body: PIECES + chunk({}, 'content_filter') + DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'content_filter' }) },
  },
  {
    title: 'no finish_reason field in the chunks (litellm)',
    body: event({ choices: [{ index: 0, delta: { content: TEXT } }] }) + END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a number in place of a text',
    body: PIECES + chunk({}, 1) + DONE,
    outcomes: { all: [answer(TEXT, {}), answer(TEXT, { finishReason: '1' })] },
    unsure: 'what a reason that is no text means',
  },
  {
    title: '"error" after text, without an error (OpenRouter)',
    body: PIECES + chunk({}, 'error', { native_finish_reason: 'error' }) + DONE,
    outcomes: { all: [answer(TEXT, { finishReason: 'error' }), failed([], TEXT)] },
    unsure: 'a reason is information, but this one says that the answer failed',
  },
  {
    title: 'of another choice is not that of the answer',
    body:
      event({ choices: [{ index: 1, delta: {}, finish_reason: 'content_filter' }] }) +
      PIECES +
      END +
      event({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] }),
    outcomes: { all: STOPPED },
  },
]);

testRows('openai', 'usage', [
  {
    title: 'in a chunk after the reason, with choices: []',
    body: PIECES + STOP + USAGE + DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'in a chunk after the reason, without choices, without [DONE]',
    body: PIECES + STOP + event({ usage: counted }),
    outcomes: bodyEnds(answer(TEXT, used)),
  },
  {
    title: 'in the chunk with the reason (Mistral)',
    body: PIECES + chunk({}, 'stop', { usage: counted }) + DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'in each chunk: the last one counts, no sum (vLLM, continuous_usage_stats)',
    body:
      piece(FIRST, null, { usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } }) +
      piece(SECOND, null, { usage: counted }) +
      chunk({}, 'stop', { usage: counted }) +
      DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'null in each chunk but the last (OpenAI)',
    body: piece(TEXT, null, { usage: null }) + chunk({}, 'stop', { usage: null }) + USAGE + DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'in a chunk, and null in the later ones',
    body: piece(TEXT, null, { usage: counted }) + chunk({}, 'stop', { usage: null }) + DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'before the text',
    body: event({ choices: [], usage: counted }) + PIECES + END,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'of reasoning and of the cache',
    body:
      PIECES +
      STOP +
      event({
        choices: [],
        usage: {
          ...counted,
          completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
          prompt_tokens_details: { cached_tokens: 2 },
        },
      }) +
      DONE,
    outcomes: {
      all: answer(TEXT, { finishReason: 'stop', usage: usage(3, 2, { reasoningTokens: 1, cachedTokens: 2 }) }),
    },
  },
  {
    title: 'with null in place of the details',
    body:
      PIECES +
      STOP +
      event({ choices: [], usage: { ...counted, completion_tokens_details: null, prompt_tokens_details: null } }) +
      DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'without a total',
    body: PIECES + STOP + event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } }) + DONE,
    outcomes: { all: answer(TEXT, used) },
  },
  {
    title: 'with null in place of the numbers (bifrost#5425)',
    body:
      PIECES + chunk({}, 'stop', { usage: { prompt_tokens: null, completion_tokens: null, total_tokens: 0 } }) + DONE,
    outcomes: {
      all: [STOPPED, answer(TEXT, { finishReason: 'stop', usage: usage(0, 0) })],
    },
    unsure: 'whether that is usage',
  },
  {
    title: 'an empty object (litellm#1371)',
    body: piece(TEXT, null, { usage: {} }) + chunk({}, 'stop', { usage: {} }) + DONE,
    outcomes: { all: [STOPPED, answer(TEXT, { finishReason: 'stop', usage: usage(0, 0) })] },
    unsure: 'whether that is usage',
  },
  {
    title: 'under x_groq',
    body: PIECES + chunk({}, 'stop', { x_groq: { usage: counted } }) + DONE,
    outcomes: { all: [STOPPED, answer(TEXT, used)] },
    unsure: 'whether fields of one server are read',
  },
  {
    title: 'with total_tokens alone (MiniMax)',
    body: PIECES + chunk({}, 'stop', { usage: { total_tokens: 5 } }) + DONE,
    outcomes: {
      all: [
        STOPPED,
        answer(TEXT, { finishReason: 'stop', usage: { inputTokens: 0, outputTokens: 0, totalTokens: 5 } }),
        answer(TEXT, { finishReason: 'stop', usage: { inputTokens: 0, outputTokens: 5, totalTokens: 5 } }),
      ],
    },
    unsure: 'whether that is usage',
  },
  {
    title: 'of an unexpected type',
    body: PIECES + chunk({}, 'stop', { usage: 'five' }) + event({ choices: [], usage: [1, 2] }) + DONE,
    outcomes: { all: STOPPED },
  },
]);
