import { Observable } from 'rxjs';
import type { Channel, Transport } from '../../../src/index.js';

/** What a tap reports. */
export interface TapReader {
  /** A request was committed: from now on it counts as maybe sent. */
  committed(ci: string, content: string): void;
  linkOpened(ci: string): void;
  linkClosed(ci: string): void;
}

/** A transport that reports each commit of a request, and each link from dial to end. */
export function tapped(wire: Transport, reader: TapReader): Transport {
  return {
    prepare: (target) => {
      const dial = wire.prepare(target);
      return (sink) =>
        new Observable<Channel>((subscriber) => {
          let isUp = false;
          subscriber.add(() => {
            if (isUp) reader.linkClosed(target.ci);
          });
          const links = dial(sink).subscribe({
            next: (channel) => {
              isUp = true;
              reader.linkOpened(target.ci);
              subscriber.next(tappedChannel(channel, (content) => reader.committed(target.ci, content)));
            },
            error: (error) => subscriber.error(error),
          });
          subscriber.add(links);
        });
    },
  };
}

function tappedChannel(channel: Channel, committed: (content: string) => void): Channel {
  return {
    get isWritable() {
      return channel.isWritable;
    },
    send: (request) =>
      channel.send({
        commit: () => {
          const line = request.commit();
          const content: unknown = line === '' ? undefined : JSON.parse(line).content;
          if (typeof content === 'string') committed(content);
          return line;
        },
      }),
  };
}
