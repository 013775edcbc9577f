import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import type { RunningSystem } from '../running-system.ts';

const BOUNDARY = 'shelfcast-bench-boundary';

/** Posts a file as a browser would and answers the job's id, and when the first byte left (`performance.now`). */
export async function postFile(
  system: RunningSystem,
  content: AsyncIterable<Buffer>,
): Promise<{ jobId: string; startedAt: number }> {
  await system.client.signIn();
  const startedAt = performance.now();
  const upload = request(`${system.origin}/api/v1/sales-data/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.client.token}`,
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    },
  });
  const answered = once(upload, 'response') as Promise<[Readable & { statusCode: number }]>;
  upload.write(
    `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="bench.csv"\r\ncontent-type: text/csv\r\n\r\n`,
  );
  for await (const piece of content) if (!upload.write(piece)) await once(upload, 'drain');
  upload.end(`\r\n--${BOUNDARY}--\r\n`);
  const [answer] = await answered;
  const body = JSON.parse((await answer.toArray()).join('')) as { job_id: string; detail?: string };
  if (answer.statusCode !== 202) throw new Error(body.detail);
  return { jobId: body.job_id, startedAt };
}
