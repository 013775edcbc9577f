import { once } from 'node:events';
import { connect, createServer, Server, Socket } from 'node:net';

/** A door in front of a server that can be shut, so that one client loses a server that others still reach. */
export interface TcpGate {
  readonly port: number;
  /** Cuts every connection and refuses new ones. */
  shut(): Promise<void>;
  /** Lets nothing more through on connections there are, which stay open, as when a machine vanishes; new ones work. */
  silence(): void;
  /** Lets connections through again, at the same port. */
  open(): Promise<void>;
}

/** Opens a gate on a free port. */
export async function openTcpGate(target: { readonly host: string; readonly port: number }): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  let server: Server;
  const listen = async (port: number) => {
    server = createServer((client) => {
      const upstream = connect(target);
      track(client);
      track(upstream);
      client.pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  };
  const port = await listen(0);
  return {
    port,
    shut: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    silence: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    open: async () => {
      await listen(port);
    },
  };
}
