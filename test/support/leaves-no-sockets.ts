import { afterAll } from 'vitest';
import { expectNoLeaks } from './leaks.js';

// Test files share a worker. Each must close its sockets and servers: the next file may count those of the process.
afterAll(expectNoLeaks());
