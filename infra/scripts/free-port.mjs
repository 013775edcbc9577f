// Prints a port of 127.0.0.1 that is free right now.
import { createServer } from 'node:net';

const probe = createServer().listen(0, '127.0.0.1', () => {
  console.log(probe.address().port);
  probe.close();
});
