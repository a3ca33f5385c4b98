import type net from 'node:net';

/** Bytes to write one piece at a time. */
interface Train {
  readonly pieces: Iterator<Buffer>;
  readonly onWritten: () => void;
}

type Entry = Buffer | Train | 'end';

/**
 * What a scripted CI sends on one connection, in one order: what is sent while another text goes out piece by piece
 * waits for its end.
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

  /** Writes each piece in a turn of its own. Settles a turn after the last one, or when the connection is closed. */
  sendPieces(pieces: Iterator<Buffer>): Promise<void> {
    return new Promise((resolve) => this.#add({ pieces, onWritten: resolve }));
  }

  /** FIN, once all that waits is sent. */
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
      if (isTrain(entry)) {
        this.#turn = setImmediate(() => this.#takeTurn(entry));
        return;
      }
      this.#entries.shift();
      if (entry === 'end') this.#socket.end();
      else this.#write(entry);
    }
  }

  #takeTurn(train: Train): void {
    this.#turn = undefined;
    if (this.#isHeld) return;
    const { done, value } = train.pieces.next();
    if (done === true) {
      this.#entries.shift();
      train.onWritten();
    } else this.#write(value);
    this.#pump();
  }

  #write(bytes: Buffer): void {
    // The client may have ended the connection; whether that is right is for the test to see.
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #drop(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
    for (const entry of this.#entries.splice(0)) {
      if (isTrain(entry)) entry.onWritten();
    }
  }
}

function isTrain(entry: Entry): entry is Train {
  return typeof entry === 'object' && 'pieces' in entry;
}
