import { effect, signal } from '@preact/signals';
import type { Hello, Recorded } from '../feed/records.js';
import { Model } from './model.js';
import { Pulse } from './pulse.js';
import { parseRecording } from './recording-format.js';
import { Replay } from './replay.js';
import { route } from './route.js';
import { ServiceStream } from './service-stream.js';
import { Tape } from './tape.js';

/**
 * The source of the records, and its state. `silent`: nothing has arrived for 3 s. `lost`: the service cannot be reached.
 * `ended`: it does not know this session.
 */
export type Source =
  | { readonly from: 'service'; readonly state: 'connecting' | 'live' | 'silent' | 'lost' | 'ended' }
  | { readonly from: 'file'; readonly name: string; readonly replay: Replay };

/** Largest file that is opened, in bytes. */
const MOST_FILE_BYTES = 256 * 1_048_576;
/** How often the arriving first state is shown, in ms: to draw each of its pieces takes longer than to receive it. */
const LOADING_MS = 250;
/** How often the clocks are renewed, in ms. */
const TICK_MS = 250;

export const model = new Model();
/** What has arrived from the service, for a recording. */
export const tape = new Tape();
export const source = signal<Source>({ from: 'service', state: 'connecting' });
/** The time of what is shown, in ms since the epoch: the service's clock, or the slider's time of a recording. */
export const now = signal(Date.now());
/** For how long the service has been silent, in ms; 0 up to 3 s. */
export const silentMs = signal(0);
/** Why a file could not be opened; `undefined` if there was no fault. */
export const fileFault = signal<string | undefined>(undefined);

/** Returns the model, and subscribes the calling view to its changes. */
export function look(): Model {
  void model.version.value;
  return model;
}

const pulse = new Pulse();
let stream: ServiceStream | undefined;
let csrf = '';
/** Pieces of the first state that are not applied yet, and when others were. */
let pieces: Recorded[] = [];
let appliedMs = 0;

/** Watches the service that served this page. Connects again by itself. */
export function watchService(): void {
  leave();
  // The records of a file are not the service's. After a change of level, the old rows stay until the new ones arrive.
  if (source.value.from === 'file') model.clear();
  source.value = { from: 'service', state: 'connecting' };
  const level = route.value.level === 'summary' ? 'summary' : 'states';
  stream = new ServiceStream(`/api/events?level=${level}`, {
    onRecords: take,
    onOutage: (state) => {
      source.value = { from: 'service', state };
    },
  });
}

/** Shows a recording. Needs no service. Sets `fileFault` if the file is no recording. */
export async function openFile(file: File): Promise<void> {
  try {
    if (file.size > MOST_FILE_BYTES) throw new Error('it is larger than 256 MiB');
    const records = parseRecording(await file.text());
    leave();
    source.value = { from: 'file', name: file.name, replay: new Replay(records, model) };
    fileFault.value = undefined;
  } catch (error) {
    fileFault.value = `${file.name} cannot be opened: ${(error as Error).message}`;
  }
}

/** Sends a POST. Returns the error text, or `undefined` for success. */
export async function post(path: '/api/trace' | '/api/action', body: object): Promise<string | undefined> {
  if (source.value.from === 'file') return 'A recording has no actions: go back to the service.';
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-choragus-csrf': csrf },
      body: JSON.stringify(body),
    });
    return answer.ok ? undefined : (await answer.text()).trim();
  } catch {
    return 'The service cannot be reached.';
  }
}

function take(records: readonly Recorded[], characters: number): void {
  const hello = records.find((record): record is Hello => record.t === 'hello');
  if (hello?.csrf !== undefined) csrf = hello.csrf;
  tape.add(records, characters);
  pieces.push(...records);
  if (records.every(isPiece) && !isTimeToApply()) return;
  applyPieces();
  pulse.note(model.at, performance.now());
  if (stateOf(source.value) !== 'live') source.value = { from: 'service', state: 'live' };
  tick();
}

function isTimeToApply(): boolean {
  return performance.now() - appliedMs >= LOADING_MS;
}

function applyPieces(): void {
  appliedMs = performance.now();
  const all = pieces;
  pieces = [];
  model.apply(all);
}

/** True for a piece of the whole state that another piece follows. */
function isPiece(record: Recorded): boolean {
  return record.t === 'cis' && record.left > 0;
}

/** Leaves the present source. */
function leave(): void {
  stream?.close();
  stream = undefined;
  pulse.reset();
  pieces = [];
  silentMs.value = 0;
  if (source.value.from === 'file') source.value.replay.pause();
}

function tick(): void {
  const { value } = source;
  if (value.from === 'file') return;
  // The service may pause between two pieces: those that are here are shown meanwhile.
  if (pieces.length > 0 && isTimeToApply()) applyPieces();
  const nowMs = performance.now();
  now.value = pulse.serviceTime(nowMs) ?? now.value;
  silentMs.value = pulse.silentMs(nowMs);
  if (value.state === 'live' && silentMs.value > 0) source.value = { from: 'service', state: 'silent' };
}

function stateOf(from: Source): string {
  return from.from === 'file' ? 'file' : from.state;
}

setInterval(tick, TICK_MS);
effect(() => {
  if (source.value.from === 'file') now.value = source.value.replay.time.value;
});
effect(() => {
  const state = stateOf(source.value);
  document.documentElement.classList.toggle('stale', ['silent', 'lost', 'ended'].includes(state));
});
