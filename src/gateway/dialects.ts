import type { Dialect } from './dialect.js';
import { openAiDialect } from './openai/index.js';

/** The protocols that a gateway speaks, unless its options say otherwise. */
export const defaultDialects: readonly Dialect[] = [openAiDialect];
