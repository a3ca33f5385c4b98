/** The echo over WebSocket: the same JSON objects as on the line protocol, one a message. */
import http from 'node:http';
import { WebSocketServer } from 'ws';
import { announce } from './announce.mjs';
import { answersTo } from './answers.mjs';
import { batch } from './batch.mjs';
import { listen } from './listen.mjs';

const server = http.createServer();
const peers = new WebSocketServer({ server, perMessageDeflate: false });
peers.on('connection', (peer, { socket }) => {
  peer.on('message', (bytes) => {
    batch(socket);
    for (const answer of answersTo(bytes.latin1Slice())) peer.send(Buffer.from(answer, 'latin1'), { binary: false });
  });
  peer.on('error', () => peer.terminate());
});

announce({ port: await listen(server) });
