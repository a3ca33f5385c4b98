/** A real nats-server, and this process behind it, which answers: a request makes two hops each way. */
import { connect } from '@nats-io/transport-node';
import { announce } from './announce.mjs';
import { answersTo, pieceOf } from './answers.mjs';
import { startDaemon } from './daemon.mjs';

const broker = await startDaemon('nats-server', (port) => ['--addr', '127.0.0.1', '--port', port]);
if (broker.absent === undefined) await respond(broker.port);
announce(broker);

async function respond(port) {
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  connection.subscribe('chat', {
    callback: (_error, message) => message.respond(answersTo(message.string())[0]),
  });
  connection.subscribe('stream', {
    callback: (_error, message) => {
      const { content, count, size } = message.json();
      for (let index = 0; index < count; index += 1) {
        message.respond(JSON.stringify({ type: 'stream_chunk', content: pieceOf(content, size), chunk_index: index }));
      }
      // An empty message ends the stream.
      message.respond();
    },
  });
  await connection.flush();
}
