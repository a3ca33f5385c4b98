/** Names the state of a connection, in the order of its life (`docs/machines/connection.md`). */
export type ConnectionState = 'idle' | 'connecting' | 'healthy' | 'degraded' | 'retiring' | 'reconnecting' | 'closed';
