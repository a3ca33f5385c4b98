import { serveChorus } from './serve-chorus.js';

// The chorus as a child process: tells its parent the addresses, and ends with it.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; when the chorus ends is the parent's to say, which still drains.
process.on('SIGINT', () => {});

if (process.send === undefined) {
  process.stderr.write('The chorus is started by npm start.\n');
  process.exit(2);
}
const { cis } = await serveChorus();
// The parent may have gone before anybody here was listening for that.
if (!process.connected) process.exit(0);
process.send({ cis });
