import { fastify } from 'fastify';
import { once } from 'node:events';

/** The peer of the read benchmark: one route that answers given bytes. */
const [{ body }] = (await once(process, 'message')) as [{ body: string }];
const server = fastify();
server.get('/', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
const url = await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url });
