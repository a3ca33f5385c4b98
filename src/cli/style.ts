/** How a piece of text is set off. */
export type Style = Readonly<Record<Mark, (text: string) => string>>;

type Mark = 'heading' | 'faint' | 'good' | 'bad' | 'name';

const codes: Readonly<Record<Mark, readonly [on: number, off: number]>> = {
  heading: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [33, 39],
  name: [36, 39],
};

/** Takes the line that the cursor is in away, and puts the cursor at its beginning. */
export const eraseLine = '\r\u001b[2K';

/** The colours of a terminal, or none at all. */
export function styleFor(surface: 'terminal' | 'plain'): Style {
  const marks = Object.entries(codes).map(([mark, [on, off]]) => {
    const paint = (text: string): string => `\u001b[${on}m${text}\u001b[${off}m`;
    return [mark, surface === 'terminal' ? paint : (text: string) => text];
  });
  return Object.fromEntries(marks) as Style;
}
