/**
 * One operation of a workload, as the closed loop runs it: `act(content, done)`. It checks every result
 * in the same way for every contender.
 */
export async function actOf(workload, contender, target) {
  if (workload.kind === 'cold') return coldAct(contender, target);
  const client = await contender.open(target);
  const act = acts[workload.kind](client, workload);
  return { act, close: () => client.close() };
}

const acts = {
  ask: (client) => (content, done) => client.request(content, done),
  allocation: (client) => (content, done) => client.request(content, done),
  stream: streamAct,
  broadcast: broadcastAct,
  idle: broadcastAct,
};

function streamAct(client, { chunks, chunkBytes }) {
  return (content, done) => {
    // Flat, so that the comparison costs no more than that.
    const piece = Buffer.from(content, 'latin1').latin1Slice(0, chunkBytes);
    let right = 0;
    let wrong = 0;
    const onChunk = (text) => {
      if (text === piece) right += 1;
      else wrong += 1;
    };
    client.stream(content, chunks, chunkBytes, onChunk, (error) => {
      if (error) return done(error);
      if (wrong > 0 || right !== chunks) return done(new Error(`a stream of ${right} right and ${wrong} wrong chunks`));
      return done(null, content);
    });
  };
}

function broadcastAct(client, { cis }) {
  return (content, done) => {
    let right = 0;
    const onAnswer = (answer) => {
      if (answer === content) right += 1;
    };
    client.broadcast(content, onAnswer, (error) => {
      if (error) return done(error);
      return right === cis ? done(null, content) : done(new Error(`${right} of ${cis} CIs answered rightly`));
    });
  };
}

/**
 * Opens, asks, closes. Waits for the close: otherwise the next operations would pay for it. A contender that shares something
 * between its connections declares it with `serve`.
 */
function coldAct(contender, target) {
  const service = contender.serve?.(target) ?? { open: () => contender.open(target), close: () => {} };
  return {
    act: (content, done) => {
      askOnce(service, content).then((answer) => done(null, answer), done);
    },
    close: service.close,
  };
}

async function askOnce(service, content) {
  const client = await service.open();
  const answer = await new Promise((resolve, reject) => {
    client.request(content, (error, text) => (error ? reject(error) : resolve(text)));
  });
  await client.close();
  return answer;
}
