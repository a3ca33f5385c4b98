import { serveChorus } from './serve-chorus.js';

// Runs the chorus as a child process: sends the addresses to its parent, and ends with it.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group. The parent still drains, and ends the chorus later.
process.on('SIGINT', () => {});

if (process.send === undefined) {
  process.stderr.write('chorus.js needs a parent process: run npm start.\n');
  process.exit(2);
}
const { cis } = await serveChorus();
// The parent may have ended before the listener above was added.
if (!process.connected) process.exit(0);
process.send({ cis });
