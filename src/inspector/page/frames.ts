import { options } from 'preact';

/** Longest time until a change is drawn, in ms: a hidden page gets no frames. */
const MOST_WAIT_MS = 1_000;

/** Draws changes once a frame. In a storm, records arrive more often than that. */
export function drawOncePerFrame(): void {
  options.debounceRendering = (draw) => {
    const drawOnce = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      draw();
    };
    const frame = requestAnimationFrame(drawOnce);
    const timer = setTimeout(drawOnce, MOST_WAIT_MS);
  };
}
