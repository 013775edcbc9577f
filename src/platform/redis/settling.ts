import { Cluster, Redis } from 'ioredis';

/** Longest a client may take to end: its connections have two seconds to close before they are cut. */
const END_MS = 3_000;

/** The part of a client that is told to connect and to end. */
export type Settling = Pick<Cluster, 'connect' | 'disconnect'>;

/**
 * `connect` and `disconnect` of a client that come to an end whatever its nodes do, for those who wait for it: a worker that
 * looks for jobs connects its client anew when it has heard nothing, and if that never ended it would never look again.
 * By itself a client
 * - neither connects nor fails where it found the cluster but not all keys served, as while a replica takes over;
 * - takes an old node that closes for its last one, after it has ended or while it connects, and waits for nothing then;
 * - does not end if it has no node left that closes, or if an answer to an earlier command names another one;
 * - goes on if it connects at that moment.
 */
export function settling(cluster: Cluster): Settling {
  const connect = cluster.connect.bind(cluster);
  const disconnect = cluster.disconnect.bind(cluster);
  let ended = false;
  let leaving = false;
  let lastWait: NodeJS.Timeout;

  const staysEnded = () => {
    if (ended) cluster.status = 'end';
  };
  cluster.on('end', () => {
    ended = true;
    staysEnded();
  });
  cluster.on('close', staysEnded);
  // An attempt that was under way when it was told to end succeeds all the same.
  cluster.on('connect', () => {
    if (leaving) disconnect();
  });
  cluster.on('+node', (node: Redis) => {
    if (cluster.status === 'disconnecting') node.disconnect();
  });

  const attempt = () =>
    new Promise<void>((resolve, reject) => {
      const closed = () => reject(new Error('The cluster is not ready'));
      cluster.once('close', closed);
      void connect()
        .then(resolve, reject)
        .finally(() => cluster.off('close', closed));
    });

  return {
    connect: async () => {
      ended = false;
      leaving = false;
      clearTimeout(lastWait);
      try {
        await attempt();
      } catch (error) {
        // A client that tries again by itself says so; this one was stopped by an old node.
        if (leaving || cluster.status !== 'close') throw error;
        await attempt();
      }
    },
    disconnect: (reconnect = false) => {
      leaving = !reconnect;
      disconnect(reconnect);
      if (reconnect) return;
      staysEnded();
      clearTimeout(lastWait);
      lastWait = setTimeout(() => {
        if (!ended) cluster.emit('end');
      }, END_MS).unref();
    },
  };
}
