import { readFileSync } from 'node:fs';

const DETECTED = ['Killed', 'Timeout', 'RuntimeError', 'CompileError'];

/** Reads a report of Stryker: the number of detected mutants, and the others, each as one line without its position. */
export function readReport(file) {
  const { files } = JSON.parse(readFileSync(file, 'utf8'));
  const all = Object.entries(files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status !== 'Ignored')
      .map((mutant) => ({ ...mutant, path, text: textOf(mutant, source.split('\n')) })),
  );
  const survivors = all.filter(({ status }) => !DETECTED.includes(status)).map(tell);
  return { mutants: all.length, detected: all.length - survivors.length, survivors };
}

/** Returns the changed code; of several lines, the first as a whole, since `{` alone means nothing. */
function textOf({ location: { start, end } }, lines) {
  const first = lines[start.line - 1];
  return start.line === end.line ? first.slice(start.column - 1, end.column - 1) : `${first.trim()} …`;
}

function tell({ path, text, replacement, location }) {
  const into = (replacement ?? '').replace(/\s+/g, ' ');
  return { path, line: location.start.line, change: `${text} → ${into}` };
}
