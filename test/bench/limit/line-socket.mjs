import net from 'node:net';

const NEWLINE = 10;

/**
 * A TCP connection that carries lines: everything written within one tick leaves in one write, and arriving bytes are
 * decoded once, up to the last newline, so that no character is cut.
 */
export class LineSocket {
  #socket;
  #onLine;
  #tail = null;
  #out = '';

  static open({ host, port }, onLine, onClosed) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host, port, noDelay: true });
      const lines = new LineSocket(socket, onLine);
      let cause = new Error('the connection was closed');
      socket.once('connect', () => resolve(lines));
      socket.on('error', (error) => {
        cause = error;
        reject(error);
      });
      socket.once('close', () => onClosed(cause));
    });
  }

  constructor(socket, onLine) {
    this.#socket = socket;
    this.#onLine = onLine;
    socket.on('data', (bytes) => this.#receive(bytes));
  }

  write(line) {
    if (this.#out === '') process.nextTick(this.#flush);
    this.#out += line;
  }

  close() {
    this.#socket.destroy();
  }

  #flush = () => {
    const out = this.#out;
    this.#out = '';
    if (!this.#socket.destroyed) this.#socket.write(out);
  };

  #receive(bytes) {
    const last = bytes.lastIndexOf(NEWLINE);
    const whole = this.#tail === null ? bytes : Buffer.concat([this.#tail, bytes]);
    if (last === -1) {
      this.#tail = whole;
      return;
    }
    const end = whole.length - bytes.length + last;
    this.#tail = end + 1 < whole.length ? whole.subarray(end + 1) : null;
    this.#split(whole.utf8Slice(0, end));
  }

  #split(text) {
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      this.#onLine(text.slice(from, to));
      from = to + 1;
    }
    this.#onLine(from === 0 ? text : text.slice(from));
  }
}
