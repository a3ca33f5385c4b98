/** Many clients as one that can broadcast: for contenders whose clients have one connection each. */
export function fanOut(clients) {
  return {
    broadcast(content, onAnswer, done) {
      let left = clients.length;
      const take = (error, answer) => {
        if (error) return done(error);
        onAnswer(answer);
        left -= 1;
        return left === 0 ? done(null) : undefined;
      };
      for (const client of clients) client.request(content, take);
    },
    close: () => Promise.all(clients.map((client) => client.close())),
  };
}
