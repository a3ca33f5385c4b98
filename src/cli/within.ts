/** After this time, a user should know why the command does not end. */
const longMs = 250;

/**
 * Waits for a promise, at most `ms` milliseconds.
 *
 * @param onLong - Called if the wait takes longer than 250 ms.
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
