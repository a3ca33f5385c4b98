import { readdirSync, readFileSync } from 'node:fs';

const shellBlock = /^ *```(?:sh|bash|shell|console)\n([\s\S]*?)^ *```$/gm;

/** Returns every shell command that the README and the docs show, with its page. */
export function readCommands() {
  const pages = readdirSync('docs', { recursive: true }).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.map((name) => `docs/${name}`)].flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(shellBlock)].flatMap(([, block]) =>
      commandsIn(block).map((command) => ({ page, command })),
    ),
  );
}

/** The commands of a block: without prompts and comments, and with continued lines joined. */
function commandsIn(block) {
  const lines = block.replace(/\\\n\s*/g, '').split('\n');
  return lines
    .map((line) =>
      line
        .replace(/^\s*\$ /, '')
        .replace(/(^|\s)#\s.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** Returns the code block of a page that holds a text, such as the module that a command names. */
export function readBlock(page, language, text) {
  for (const [, code] of readFileSync(page, 'utf8').matchAll(
    new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'),
  )) {
    if (code.includes(text)) return code;
  }
  throw new Error(`${page} has no ${language} block with ${JSON.stringify(text)}`);
}
