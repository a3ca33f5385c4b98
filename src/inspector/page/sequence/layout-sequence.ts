import { span } from '../spans.js';
import type { Step } from './steps.js';

/** An actor's column. */
export interface Lifeline {
  readonly name: string;
  readonly x: number;
  /** Width of the box with its name. */
  readonly width: number;
}

/** A step in its place. `x` is where its text starts, or its middle for `message` and `note`. */
export interface Row {
  readonly shape: 'message' | 'loop' | 'note' | 'gap';
  readonly key: string;
  readonly kind: Step['kind'] | 'gap';
  readonly at: number;
  readonly y: number;
  readonly text: string;
  /** The whole text; `text` can be cut. */
  readonly whole: string;
  readonly x: number;
  /** Width of the text. */
  readonly width: number;
  /** For a message: where its arrow starts and ends. For a loop: its lifeline, twice. */
  readonly fromX: number;
  readonly toX: number;
}

/** The time of a request on the lifeline of its connection. */
export interface Activation {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly text: string;
  readonly isAnswered: boolean;
}

export interface SequenceLayout {
  readonly width: number;
  /** Height of the lifelines and steps, without the heads. */
  readonly height: number;
  readonly lifelines: readonly Lifeline[];
  readonly rows: readonly Row[];
  readonly activations: readonly Activation[];
}

export interface SequenceOptions {
  /** The sender of events from outside. */
  readonly outside: string;
  /** The actors whose columns come first. */
  readonly first: readonly string[];
  /** Names of actors by their ids; an actor without one is shown by its id. */
  readonly names?: ReadonlyMap<string, string>;
}

export const HEAD_PX = 40;
export const ROW_PX = 34;
export const NOTE_PX = 24;
/** Space at the left for the times. */
export const TIMES_PX = 96;
/** How far a loop goes to the right. */
export const LOOP_PX = 26;
export const ACTIVATION_PX = 9;
const LETTER_PX = 6.7;
const NAME_LETTER_PX = 7.4;
const LONGEST_TEXT = 48;
const SPACE_PX = 14;
const NARROWEST_GAP_PX = 90;
const FOOT_PX = 18;
/** A longer time between two steps is shown as a gap, in ms. */
const GAP_MS = 1_000;
/** Requests at the same time that are drawn beside each other. */
const MOST_BESIDE = 4;

/** Places the steps one below the other, and the actors beside each other, so that no text covers another. */
export function layoutSequence(steps: readonly Step[], options: SequenceOptions): SequenceLayout {
  const ids = actorsOf(steps, options);
  const columnOf = new Map(ids.map((id, index) => [id, index]));
  const column = (id: string | undefined): number => columnOf.get(id ?? options.outside) ?? 0;
  const texts = steps.map(({ text }) => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text));
  const names = ids.map((id) => options.names?.get(id) ?? id);
  const spaces = spacesOf(steps, texts, names, column);
  const xs = [TIMES_PX + (spaces[0] ?? 0)];
  for (const space of spaces.slice(1)) xs.push((xs.at(-1) ?? 0) + space);
  const right = xs.pop() ?? 0;
  const lifelines = names.map((name, index) => ({ name, x: xs[index] ?? 0, width: headWidthOf(name) }));
  const rows: Row[] = [];
  let y = ROW_PX;
  for (const [index, step] of steps.entries()) {
    const quietMs = step.at - (steps[index - 1]?.at ?? step.at);
    if (quietMs >= GAP_MS) {
      rows.push(gapAt(y, step, quietMs));
      y += ROW_PX;
    }
    rows.push(rowOf(step, texts[index] ?? '', y, xs[column(step.from)] ?? 0, xs[column(step.to)] ?? 0));
    y += ROW_PX;
  }
  return {
    width: right,
    height: y - ROW_PX / 2 + FOOT_PX,
    lifelines,
    rows,
    activations: activationsOf(steps, rows, (step) => xs[column(step.from)] ?? 0),
  };
}

/** Returns the actors: those that come first, the outside if it sends something, then the others by their first step. */
function actorsOf(steps: readonly Step[], { outside, first }: SequenceOptions): string[] {
  const seen = new Set<string>();
  let hasOutside = false;
  for (const step of steps) {
    if (step.from !== undefined) seen.add(step.from);
    else if (isArrow(step)) hasOutside = true;
    seen.add(step.to);
  }
  const askers = [...seen].filter((id) => id === 'requests');
  return [...new Set([...askers, ...(hasOutside ? [outside] : []), ...first.filter((id) => seen.has(id)), ...seen])];
}

function isArrow({ kind }: Step): boolean {
  return kind === 'event' || kind === 'request' || kind === 'reply';
}

/** Returns the space before the first lifeline, between each two, and after the last one. */
function spacesOf(
  steps: readonly Step[],
  texts: readonly string[],
  names: readonly string[],
  column: (id: string | undefined) => number,
): number[] {
  const heads = names.map(headWidthOf);
  const spaces = Array.from({ length: names.length + 1 }, (_, index) => {
    const halves = ((heads[index - 1] ?? 0) + (heads[index] ?? 0)) / 2;
    const isBetween = index > 0 && index < names.length;
    return Math.max(halves + SPACE_PX, isBetween ? NARROWEST_GAP_PX : 0);
  });
  const widen = (index: number, px: number): void => {
    spaces[index] = Math.max(spaces[index] ?? 0, px);
  };
  for (const [index, step] of steps.entries()) {
    const width = widthOf(texts[index] ?? '');
    const to = column(step.to);
    const from = isArrow(step) ? column(step.from) : to;
    if (!isArrow(step)) {
      const half = width / 2 + SPACE_PX + ACTIVATION_PX;
      widen(to, half);
      widen(to + 1, half);
    } else if (from === to) widen(to + 1, LOOP_PX + width + 2 * SPACE_PX);
    else {
      const [left, right] = [Math.min(from, to), Math.max(from, to)];
      const has = spaces.slice(left + 1, right + 1).reduce((sum, space) => sum + space, 0);
      const needs = width + 2 * SPACE_PX + 2 * ACTIVATION_PX;
      if (has < needs) widen(right, (spaces[right] ?? 0) + needs - has);
    }
  }
  return spaces;
}

function headWidthOf(name: string): number {
  return name.length * NAME_LETTER_PX + 24;
}

function widthOf(text: string): number {
  return text.length * LETTER_PX;
}

function rowOf({ key, kind, at, text: whole, ...step }: Step, text: string, y: number, from: number, to: number): Row {
  const same = { key, kind, at, y, text, whole, width: widthOf(text) };
  if (!isArrow({ key, kind, at, text, ...step })) return { ...same, shape: 'note', x: to, fromX: to, toX: to };
  if (from === to) return { ...same, shape: 'loop', x: to + LOOP_PX + 8, fromX: to, toX: to };
  return { ...same, shape: 'message', x: (from + to) / 2, fromX: from, toX: to };
}

function gapAt(y: number, { key, at }: Step, quietMs: number): Row {
  const text = `${span(quietMs)} later`;
  const same = { shape: 'gap', kind: 'gap', at, y, text, whole: text } as const;
  return { ...same, key: `${key} gap`, x: SPACE_PX, width: widthOf(text), fromX: 0, toX: 0 };
}

function activationsOf(steps: readonly Step[], rows: readonly Row[], xOf: (reply: Step) => number): Activation[] {
  const yOf = new Map(rows.map(({ key, y }) => [key, y]));
  const placed: (Activation & { readonly level: number })[] = [];
  for (const step of steps) {
    const end = yOf.get(step.key);
    if (step.request === undefined || end === undefined) continue;
    // Its start is above the first step that is shown.
    const y = yOf.get(step.request) ?? 0;
    const beside = new Set(placed.filter((one) => one.y + one.height > y).map(({ level }) => level));
    const free = Array.from({ length: MOST_BESIDE }, (_, level) => level).find((level) => !beside.has(level));
    const level = free ?? MOST_BESIDE - 1;
    placed.push({
      key: step.key,
      x: xOf(step) - ACTIVATION_PX / 2 + (level * ACTIVATION_PX) / 2,
      y,
      height: end - y,
      text: step.text,
      isAnswered: step.isAnswered === true,
      level,
    });
  }
  return placed.map(({ level: _, ...activation }) => activation);
}
