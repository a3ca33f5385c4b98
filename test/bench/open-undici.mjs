import { Pool } from 'undici';

/**
 * A client of the echo over HTTP/1.1. `dispatch` is the lowest and fastest of undici's documented calls: no promise and
 * no stream for each request.
 */
export function openUndici({ host, port, connections, pipelining }) {
  const pool = new Pool(`http://${host}:${port}`, { connections, pipelining });
  const request = (content, done) => {
    pool.dispatch({ ...post, body: JSON.stringify({ type: 'chat', content }) }, new AnswerHandler(done));
  };
  return { request, broadcast: broadcastOver(request, connections), close: () => pool.close() };
}

// Without the last two, a POST would never be pipelined.
const post = {
  path: '/',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  idempotent: true,
  blocking: false,
};

class AnswerHandler {
  #done;
  #body = '';

  constructor(done) {
    this.#done = done;
  }

  onRequestStart() {}

  onResponseStart(controller, status) {
    if (status !== 200) controller.abort(new Error(`status ${status}`));
  }

  onResponseData(_controller, bytes) {
    this.#body += bytes.toString();
  }

  onResponseEnd() {
    this.#done(null, JSON.parse(this.#body).content);
  }

  onResponseError(_controller, error) {
    this.#done(error);
  }
}

/** The pool opens another connection for each request while all others are busy. */
function broadcastOver(request, count) {
  return (content, onAnswer, done) => {
    let left = count;
    for (let index = 0; index < count; index += 1) {
      request(content, (error, answer) => {
        if (error) return done(error);
        onAnswer(answer);
        left -= 1;
        return left === 0 ? done(null) : undefined;
      });
    }
  };
}
