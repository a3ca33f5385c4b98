/**
 * Choragus' proxy, in a separate process, with its default options.
 *
 *   node serve-proxy.mjs '{"cis": {"apollo-ai": "tcp://127.0.0.1:21001"}, "listen": {"apollo-ai": 21002}}'
 */
import { createPool, serveProxy } from '../library.mjs';

const { cis, listen } = JSON.parse(process.argv[2]);
await serveProxy(createPool({ cis, logger: false }), { listen });
