/** How long a server says that it keeps a socket after an answer, in ms: `Keep-Alive: timeout=N`. Undefined where it does not say. */
export function keepAliveMs(headers: Readonly<Record<string, string | string[] | undefined>>): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d+)/i.exec(String(headers['keep-alive'] ?? ''))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
