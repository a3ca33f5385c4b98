import { useEffect } from 'preact/hooks';
import { post, source } from './session.js';

/** Has every event of a connection told for as long as somebody looks at it. */
export function useTrace(connection: string): void {
  const isLive = source.value.from === 'service';
  useEffect(() => {
    if (connection === '' || !isLive) return;
    void post('/api/trace', { connection, on: true });
    return () => void post('/api/trace', { connection, on: false });
  }, [connection, isLive]);
}
