import type net from 'node:net';

/** Bytes to write one piece at a time. */
interface Sequence {
  readonly pieces: Iterator<Buffer>;
  readonly onWritten: () => void;
}

type Entry = Buffer | Sequence | 'end';

/**
 * Sends the bytes of a scripted CI on one connection, in the order of the calls. A text that is sent piece by piece is
 * finished before the next one starts.
 *
 * @internal
 */
export class Outbox {
  readonly #socket: net.Socket;
  readonly #entries: Entry[] = [];
  #turn: NodeJS.Immediate | undefined;
  #isHeld = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.once('close', () => this.#drop());
  }

  send(bytes: Buffer): void {
    this.#add(bytes);
  }

  /** Writes each piece in its own turn of the event loop. Settles one turn after the last piece, or when the connection closes. */
  sendPieces(pieces: Iterator<Buffer>): Promise<void> {
    return new Promise((resolve) => this.#add({ pieces, onWritten: resolve }));
  }

  /** Ends the connection (FIN) after everything before it is sent. */
  end(): void {
    this.#add('end');
  }

  /** Sends nothing until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#pump();
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#socket.destroyed) this.#drop();
    else this.#pump();
  }

  #pump(): void {
    while (!this.#isHeld && this.#turn === undefined) {
      const entry = this.#entries[0];
      if (entry === undefined) return;
      if (isSequence(entry)) {
        this.#turn = setImmediate(() => this.#takeTurn(entry));
        return;
      }
      this.#entries.shift();
      if (entry === 'end') this.#socket.end();
      else this.#write(entry);
    }
  }

  #takeTurn(sequence: Sequence): void {
    this.#turn = undefined;
    if (this.#isHeld) return;
    const { done, value } = sequence.pieces.next();
    if (done === true) {
      this.#entries.shift();
      sequence.onWritten();
    } else this.#write(value);
    this.#pump();
  }

  #write(bytes: Buffer): void {
    // The client may have closed the connection. The test decides whether that is right.
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #drop(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
    for (const entry of this.#entries.splice(0)) {
      if (isSequence(entry)) entry.onWritten();
    }
  }
}

function isSequence(entry: Entry): entry is Sequence {
  return typeof entry === 'object' && 'pieces' in entry;
}
