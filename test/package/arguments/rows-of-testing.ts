import net from 'node:net';
import { faults, ManualClock, type ScriptedCiOptions, scriptedCi } from '../../../src/testing/index.js';
import { ScriptedCi } from '../../../src/testing/scripted-ci.js';
import { ScriptedConnection, ScriptedRequest } from '../../../src/testing/scripted-connection.js';
import { PeerEnd } from '../../../src/transport/memory/memory-peer.js';
import {
  anyFunction,
  anyText,
  bytes,
  either,
  emptyList,
  emptyRecord,
  flag,
  type Kind,
  none,
  number,
  optional,
  record,
  someText,
  textLike,
  whole,
} from './kinds.js';
import { type CallWith, optionsRows, type Row } from './row.js';

/** A CI, a connection and a request of a test, without a peer. */
export const ci = (): ScriptedCi => new ScriptedCi('apollo', {}, 'answered');
export const connection = (): ScriptedConnection =>
  new ScriptedConnection(
    new net.Socket().on('error', () => {}),
    'apollo',
    'answered',
    () => {},
  );
export const request = (): ScriptedRequest =>
  new ScriptedRequest('{"type":"chat","content":"hello"}', connection(), 'apollo', () => {});
export const peer = (): PeerEnd =>
  new PeerEnd({
    name: 'apollo',
    closed: Promise.resolve(),
    deliver: () => {},
    lose: () => {},
    setWritable: () => {},
  });

const row = (of: string, names: string, right: Kind, act: (value: never) => unknown): Row => ({
  of,
  names,
  right,
  act: (value) => act(value as never),
});

/** An option that many of them have. */
const echoRows = (of: string, call: CallWith): readonly Row[] =>
  optionsRows(of, call, optional(emptyRecord), { echo: optional(flag) });

const script = either(anyFunction, emptyRecord);
const raw = either(anyText, bytes);
const frame = either(anyText, record);
const hold: Kind = (value) => value === 'keepsAlive' || value === 'background';
const delay = number(Number.NEGATIVE_INFINITY, 2 ** 31 - 1);
const scripted: Readonly<Record<keyof ScriptedCiOptions, Kind>> = {
  id: optional(someText),
  listen: optional(emptyRecord),
  script: optional(script),
  probes: optional(textLike(/^(answered|scripted)$/)),
};

const clockRows: readonly Row[] = [
  row('ManualClock', 'startMs', optional(number(0, Number.MAX_VALUE)), (value) => new ManualClock(value)),
  row('clock.setTimeout', 'fn', anyFunction, (value) => new ManualClock().setTimeout(value, 1, 'background')),
  row('clock.setTimeout', 'delayMs', delay, (value) => new ManualClock().setTimeout(() => {}, value, 'background')),
  row('clock.setTimeout', 'hold', hold, (value) => new ManualClock().setTimeout(() => {}, 1, value)),
  row('clock.setHold', 'handle', none, (value) => new ManualClock().setHold(value, 'background')),
  row('clock.setHold', 'hold', hold, (value) => {
    const clock = new ManualClock();
    clock.setHold(
      clock.setTimeout(() => {}, 1, 'background'),
      value,
    );
  }),
  row('clock.afterIo', 'fn', anyFunction, (value) => new ManualClock().afterIo(value)),
  row('clock.onIo', 'deliver', anyFunction, (value) => new ManualClock().onIo(value)),
  row('clock.advance', 'ms', number(0, Number.MAX_VALUE), (value) => new ManualClock().advance(value)),
];

const faultRows: readonly Row[] = [
  row('faults.replies', 'answerWith', optional(anyFunction), faults.replies),
  row('faults.repliesInOrder', 'answerWith', optional(anyFunction), faults.repliesInOrder),
  row('faults.delays', 'ms', delay, (value) => faults.delays(value, new ManualClock())),
  row('faults.delays', 'clock', none, (value) => faults.delays(1, value)),
  row('faults.delays', 'answerWith', optional(anyFunction), (value) => faults.delays(1, new ManualClock(), value)),
  row('faults.late', 'correlation', optional(), faults.late),
  row('faults.late', 'answerWith', optional(anyFunction), (value) => faults.late('ordered', value)),
  row('late.release', 'count', optional(whole(0)), (value) => faults.late().release(value)),
  row('faults.outOfOrder', 'count', whole(1), faults.outOfOrder),
  row('faults.outOfOrder', 'answerWith', optional(anyFunction), (value) => faults.outOfOrder(1, value)),
  row('faults.oversize', 'bytes', whole(0, 2 ** 29), faults.oversize),
  ...(['duplicates', 'unsolicited', 'wrongType', 'withoutContent'] as const).flatMap((name) =>
    echoRows(`faults.${name}`, faults[name]),
  ),
];

const scriptedRows: readonly Row[] = [
  ...optionsRows('scriptedCi', scriptedCi, optional(emptyRecord), scripted),
  ...optionsRows('scriptedCi', (listen) => scriptedCi({ listen }), optional(emptyRecord), {
    port: optional(whole(0, 65_535)),
    host: optional(someText),
    path: optional(someText),
    tls: optional(),
  }).slice(1),
  ...optionsRows('scriptedCi', (given) => scriptedCi({ script: given }), script, {
    onConnection: optional(anyFunction),
    onRequest: optional(anyFunction),
  }).slice(1),
  row('ci.onRequest', 'script', anyFunction, (value) => ci().onRequest(value)),
  row('connection.send', 'raw', raw, (value) => connection().send(value)),
  row('connection.sendSplit', 'raw', raw, (value) => connection().sendSplit(value, 1)),
  row('connection.sendSplit', 'sizes', either(whole(1), emptyList), (value) => connection().sendSplit('x', value)),
  row('connection.sendSplit', 'sizes', whole(1), (value) => connection().sendSplit('x', [1, value])),
  row('connection.sendSlowly', 'raw', raw, (value) => connection().sendSlowly(value)),
  row('request.reply', 'answer', frame, (value) => request().reply(value)),
  ...echoRows('request.reply', (options) => request().reply('x', options)),
  row('request.replyText', 'raw', raw, (value) => request().replyText(value)),
  row('request.chunk', 'content', anyText, (value) => request().chunk(value)),
  ...echoRows('request.chunk', (options) => request().chunk('x', options)),
  ...echoRows('request.end', (options) => request().end(options)),
  row('request.streamError', 'message', anyText, (value) => request().streamError(value)),
  ...echoRows('request.streamError', (options) => request().streamError('x', options)),
  row('request.error', 'message', anyText, (value) => request().error(value)),
  ...echoRows('request.error', (options) => request().error('x', options)),
];

const peerRows: readonly Row[] = [
  row('peer.onRequest', 'fn', anyFunction, (value) => peer().onRequest(value)),
  row('peer.send', 'frame', frame, (value) => peer().send(value)),
  row('peer.sendRaw', 'text', raw, (value) => peer().sendRaw(value)),
  row('peer.setWritable', 'isWritable', flag, (value) => peer().setWritable(value)),
];

export const rowsOfTesting: readonly Row[] = [...clockRows, ...faultRows, ...scriptedRows, ...peerRows];
