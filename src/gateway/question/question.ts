/** One message of a conversation, in the form of OpenAI's API. */
export interface Entry {
  readonly role: string;
  readonly content?: unknown;
  readonly [field: string]: unknown;
}

/** What a client asks, in the form of OpenAI's API, whatever protocol it speaks. */
export interface Question {
  /** The conversation, the question included. Not empty. */
  readonly messages: readonly Entry[];
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** All other settings, by OpenAI's names. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Returns the text of a message's content: a string, or a list of parts. `undefined` if a part is not text. */
export function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (content === undefined || content === null) return '';
  if (!Array.isArray(content)) return undefined;
  let text = '';
  for (const part of content as readonly unknown[]) {
    const said = typeof part === 'string' ? part : textOfPart(part);
    if (said === undefined) return undefined;
    text += said;
  }
  return text;
}

function textOfPart(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
  return (type === undefined || type === 'text' || type === 'input_text') && typeof text === 'string'
    ? text
    : undefined;
}
