import { signal } from '@preact/signals';
import type { Hello, Recorded } from '../feed/records.js';
import { Model } from './model.js';
import { parseRecording, Replay } from './replay.js';
import { route } from './route.js';

/** The source of the records. */
export type Source =
  | { readonly from: 'service'; readonly state: 'connecting' | 'live' | 'lost' }
  | { readonly from: 'file'; readonly name: string; readonly replay: Replay };

export const model = new Model();
export const source = signal<Source>({ from: 'service', state: 'connecting' });
/** The current time, renewed twice a second while a service is watched. */
export const now = signal(Date.now());

/** Returns the model, and subscribes the calling view to its changes. */
export function look(): Model {
  void model.version.value;
  return model;
}

let events: EventSource | undefined;
let csrf = '';

/** Watches the service that served this page. EventSource reconnects by itself. */
export function watchService(): void {
  events?.close();
  source.value = { from: 'service', state: 'connecting' };
  model.clear();
  events = new EventSource(`/api/events?level=${route.value.level === 'summary' ? 'summary' : 'states'}`);
  events.onopen = () => {
    source.value = { from: 'service', state: 'live' };
  };
  events.onerror = () => {
    source.value = { from: 'service', state: 'lost' };
  };
  events.onmessage = ({ data }: MessageEvent<string>) => {
    const records = JSON.parse(data) as Recorded[];
    const hello = records.find((record): record is Hello => record.t === 'hello');
    if (hello?.csrf !== undefined) csrf = hello.csrf;
    model.apply(records);
  };
}

/** Shows a recording. Needs no service. */
export async function openFile(file: File): Promise<void> {
  const records = parseRecording(await file.text());
  events?.close();
  events = undefined;
  source.value = { from: 'file', name: file.name, replay: new Replay(records, model) };
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

setInterval(() => {
  if (source.value.from === 'service') now.value = Date.now();
}, 500);
