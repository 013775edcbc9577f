import { Cluster, ClusterNode, ClusterOptions } from 'ioredis';
import type { RedisAddress } from '../config/index.ts';
import { settling } from './settling.ts';

/**
 * How often a client asks which node has which keys, beside each time a node sends it to another: one whose machine
 * vanished sends nobody anywhere.
 */
const SLOTS_REFRESH_MS = 15_000;

const DEFAULT_PORT = 6379;

/**
 * Has a client that is ready ask again and again. Its own timer, `slotsRefreshInterval`, goes on for ever where the client
 * ends while it asks, and keeps the process from ending.
 */
function refreshing(cluster: Cluster): void {
  let timer: NodeJS.Timeout | undefined;
  cluster.on('ready', () => {
    timer ??= setInterval(() => cluster.refreshSlotsCache(() => undefined), SLOTS_REFRESH_MS).unref();
  });
  cluster.on('end', () => {
    clearInterval(timer);
    timer = undefined;
  });
}

/** Nodes that are remembered; the oldest are forgotten first. */
const MOST_NODES = 64;

/** How a cluster is spoken to; replies keep the form that callers know. */
export type ClusterSettings = Omit<ClusterOptions, 'redisOptions'> & {
  readonly redisOptions?: Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>;
};

/** A node by name or address. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * A client that, once it has lost all its connections, looks for the cluster at every node it has met, and so do its
 * duplicates. By itself it would only look where it was told to at the start, and that node may be the one that has gone.
 */
function rememberingCluster(met: Place[], settings: ClusterSettings): Cluster {
  // The client reads the array again at each connect.
  const cluster = new Cluster(met, settings);
  refreshing(cluster);
  cluster.on('+node', ({ options: { host, port } }: { readonly options: Place }) => {
    if (met.some((node) => node.host === host && node.port === port)) return;
    met.push({ host, port });
    if (met.length > MOST_NODES) met.shift();
  });
  return Object.assign(cluster, settling(cluster), {
    duplicate: (_nodes?: ClusterNode[], others?: ClusterSettings) =>
      rememberingCluster([...met], { ...settings, ...others }),
  });
}

/**
 * Connects to a Redis Cluster, by TLS where its addresses say so, and follows its keys when they move to other nodes.
 * Commands may only name keys of one slot: one key, or keys with the same `{tag}`.
 */
export function connectCluster({ urls }: RedisAddress, { redisOptions, ...options }: ClusterSettings): Cluster {
  const nodes = urls.map((url) => new URL(url));
  const [{ protocol, username, password }] = nodes;
  return rememberingCluster(
    nodes.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || DEFAULT_PORT),
    })),
    {
      // Certificates are made out to names; resolved before, no node of a managed cluster would match its own.
      dnsLookup: (name, resolved) => resolved(null, name),
      slotsRefreshInterval: 0,
      ...options,
      redisOptions: {
        username: decodeURIComponent(username) || undefined,
        password: decodeURIComponent(password) || undefined,
        tls: protocol === 'rediss:' ? {} : undefined,
        ...redisOptions,
      },
    },
  );
}
