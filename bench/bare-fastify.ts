import { JwtService } from '@nestjs/jwt';
import { fastify } from 'fastify';
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';

/** The peer of the read benchmark: one route that verifies the caller's token, and one that does not, with given bytes. */
const [{ body, secret }] = (await once(process, 'message')) as [{ body: string; secret: string }];
// As the server's own: a KeyObject spares the parsing of a text on each request; the typings lag behind.
const key = createSecretKey(Buffer.from(secret)) as unknown as string;
const jwt = new JwtService();
const server = fastify();
server.get('/', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
server.get('/verified', (request, reply) => {
  try {
    jwt.verify((request.headers.authorization ?? '').slice('Bearer '.length), { secret: key, algorithms: ['HS256'] });
  } catch {
    return reply.status(401).send();
  }
  return reply.type('application/json; charset=utf-8').send(body);
});
const url = await server.listen({ port: 0, host: '127.0.0.1' });
process.send?.({ url });
