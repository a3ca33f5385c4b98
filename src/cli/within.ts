/** After so long, a person wonders why the command does not end. */
const longMs = 250;

/**
 * Waits for a promise, at most so many ms.
 *
 * @param onLong - Called if it takes so long that a person should be told.
 */
export async function within(ms: number, promise: Promise<unknown>, onLong: () => void = () => {}): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const telling = setTimeout(onLong, longMs);
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
    clearTimeout(telling);
  }
}
