import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';

/** Returns a field that is an object, or an empty object. */
export function recordIn(frame: Frame, name: string): Frame {
  const value = frame[name];
  return isJsonObject(value) ? value : {};
}

/** Returns a field that is a string; undefined if it is not. */
export function textIn(frame: Frame, name: string): string | undefined {
  const value = frame[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the fields without some. */
export function without(frame: Frame, names: readonly string[]): Frame {
  return Object.fromEntries(Object.entries(frame).filter(([name]) => !names.includes(name)));
}

/** The content of a message: its text, and the reasoning that some servers send among its parts. */
export interface Content {
  readonly text: string;
  readonly thoughts: string;
}

/** Reads a content: a string, a part, or a list of parts (`{ type: 'text', text }`). Skips parts that are not text. */
export function contentIn(content: unknown): Content {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  let text = '';
  let thoughts = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (!isJsonObject(part)) continue;
    else if (part.type === 'thinking' || part.type === 'reasoning')
      thoughts += contentIn(part.thinking ?? part.text).text;
    else text += textIn(part, 'text') ?? '';
  }
  return { text, thoughts };
}
