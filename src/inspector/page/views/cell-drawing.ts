import { letterOf, type State } from '../states.js';
import type { Severity } from '../troubles.js';

/** Space between two cells, in px. */
export const GAP_PX = 2;
/** From this side on, healthy cells show their letter, too. Below it, only the others do, so that they stand out. */
const LETTERS_FROM_PX = 16;
const HEALTHY_ALPHA = 0.28;

/** A cell of the grid. */
export interface Cell {
  readonly ci: string;
  /** Empty for a CI without connections. */
  readonly connection: string;
  readonly state: State;
  readonly isChosen: boolean;
  /** The letter and the severity of a trouble that the state does not tell. */
  readonly letter?: string;
  readonly severity?: Severity;
}

/** Draws cells of one size on a canvas. Draws only those that have changed since the last time. */
export class CellDrawing {
  readonly #node: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #side: number;
  readonly #across: number;
  readonly #colours = new Map<string, string>();
  /** How each cell looks now. */
  #looks: string[] = [];
  #cells: readonly Cell[] = [];

  constructor(node: HTMLCanvasElement, side: number) {
    this.#node = node;
    this.#context = node.getContext('2d') as CanvasRenderingContext2D;
    this.#side = side;
    this.#across = Math.max(1, Math.floor((node.parentElement as HTMLElement).clientWidth / (side + GAP_PX)));
    this.#node.height = 0;
  }

  draw(cells: readonly Cell[]): void {
    if (cells.length !== this.#cells.length || this.#node.height === 0) this.#resize(cells.length);
    this.#cells = cells;
    for (const [index, cell] of cells.entries()) {
      const look = `${cell.state} ${cell.letter} ${cell.severity} ${cell.isChosen}`;
      if (this.#looks[index] === look) continue;
      this.#looks[index] = look;
      this.#paint(index, cell);
    }
  }

  /** Returns the cell at a place of the canvas, in px; `undefined` beside the cells. */
  cellAt(x: number, y: number): Cell | undefined {
    const column = Math.floor(x / (this.#side + GAP_PX));
    if (column >= this.#across) return undefined;
    return this.#cells[Math.floor(y / (this.#side + GAP_PX)) * this.#across + column];
  }

  #resize(count: number): void {
    const each = this.#side + GAP_PX;
    const width = this.#across * each;
    const height = Math.max(1, Math.ceil(count / this.#across) * each);
    const scale = devicePixelRatio;
    this.#node.width = width * scale;
    this.#node.height = height * scale;
    this.#node.style.width = `${width}px`;
    this.#node.style.height = `${height}px`;
    this.#context.scale(scale, scale);
    this.#context.textAlign = 'center';
    this.#context.textBaseline = 'middle';
    this.#context.font = `600 ${Math.round(this.#side * 0.55)}px system-ui, sans-serif`;
    this.#looks = [];
  }

  #paint(index: number, { state, letter, severity, isChosen }: Cell): void {
    const side = this.#side;
    const context = this.#context;
    const x = (index % this.#across) * (side + GAP_PX);
    const y = Math.floor(index / this.#across) * (side + GAP_PX);
    context.clearRect(x, y, side + GAP_PX, side + GAP_PX);
    const isHealthy = state === 'healthy' && severity === undefined;
    context.fillStyle = this.#colour(severity === undefined ? `--state-${state}` : `--${severity}`);
    // Pale if nothing is wrong, so that the others stand out.
    context.globalAlpha = isHealthy ? HEALTHY_ALPHA : 1;
    context.beginPath();
    context.roundRect(x, y, side, side, side > 14 ? 4 : 2);
    context.fill();
    context.globalAlpha = 1;
    if (side >= LETTERS_FROM_PX || !isHealthy) {
      context.fillStyle = this.#colour(isHealthy ? '--state-healthy' : '--on-state');
      context.fillText(letter ?? letterOf(state), x + side / 2, y + side / 2 + 0.5);
    }
    if (severity !== undefined) this.#markCorner(x, y);
    if (!isChosen) return;
    context.strokeStyle = this.#colour('--text');
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, side - 2, side - 2);
  }

  /** Cuts a corner: a shape beside the letter and the colour. */
  #markCorner(x: number, y: number): void {
    const context = this.#context;
    const cut = this.#side * 0.35;
    context.fillStyle = this.#colour('--on-state');
    context.beginPath();
    context.moveTo(x + this.#side - cut, y);
    context.lineTo(x + this.#side, y);
    context.lineTo(x + this.#side, y + cut);
    context.fill();
  }

  #colour(name: string): string {
    const known = this.#colours.get(name) ?? getComputedStyle(this.#node).getPropertyValue(name);
    this.#colours.set(name, known);
    return known;
  }
}
