import { render } from 'preact';
import type { SequenceLayout } from './layout-sequence.js';
import { SequenceDrawing } from './sequence-drawing.js';

/** Saves the drawing as a file that opens alone, light or dark. */
export function saveSequence(layout: SequenceLayout, name: string, label: string): void {
  const url = URL.createObjectURL(new Blob([svgText(layout, label)], { type: 'image/svg+xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace(/[^\w.-]+/g, '-')}.svg`;
  link.click();
  URL.revokeObjectURL(url);
}

/** Returns the drawing as a file's text, with its styles in it. */
function svgText(layout: SequenceLayout, label: string): string {
  const holder = document.createElement('div');
  render(<SequenceDrawing layout={layout} part="whole" label={label} />, holder);
  const svg = holder.firstElementChild as SVGSVGElement;
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  style.textContent = styleText();
  svg.prepend(style);
  return new XMLSerializer().serializeToString(svg);
}

/** Returns the page's own rules for the drawing, and its colours for light and dark. */
function styleText(): string {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter(isStyleRule);
  const own = rules.filter(({ selectorText }) => selectorText.startsWith('.seq')).map(({ cssText }) => cssText);
  const coloursOf = (selector: string): string => {
    const found = rules.find(({ selectorText }) => selectorText === selector)?.style;
    const names = [...(found ?? [])].filter((property) => property.startsWith('--'));
    return names.map((property) => `${property}:${found?.getPropertyValue(property)}`).join(';');
  };
  const dark = coloursOf(':root[data-theme="dark"]');
  return [
    `svg{${coloursOf(':root')};font-family:system-ui,sans-serif}`,
    `@media (prefers-color-scheme: dark){svg{${dark}}}`,
    ...own,
  ].join('\n');
}

function isStyleRule(rule: CSSRule): rule is CSSStyleRule {
  return rule instanceof CSSStyleRule;
}
