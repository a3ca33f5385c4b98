import { useEffect } from 'preact/hooks';
import { route } from './route.js';
import { look, post, source } from './session.js';

/** Traces a connection while a view shows it. */
export function useTrace(connection: string): void {
  const isThere = look()
    .connections()
    .some((one) => one.connection.connection === connection);
  const isLive = source.value.from === 'service' && route.value.level === 'trace' && isThere;
  useEffect(() => {
    if (!isLive) return;
    void post('/api/trace', { connection, on: true });
    return () => void post('/api/trace', { connection, on: false });
  }, [connection, isLive]);
}
