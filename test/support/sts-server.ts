import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A role that somebody asked for. */
export interface AssumedRole {
  readonly roleArn: string | null;
  readonly session: string | null;
  /** Key id that signed the question. */
  readonly by: string;
}

/** A server that speaks the part of STS that gives out temporary credentials of a role. */
export interface StsServer {
  /** Address for `AWS_ENDPOINT_URL_STS`. */
  readonly url: string;
  /** What was asked for so far; the nth was answered with the key id `ASIA<n>` and the token `token-<n>`. */
  readonly assumed: AssumedRole[];
  /** Seconds that the credentials given out next are valid. */
  validSeconds: number;
  /** Whether the role may not be assumed. */
  refuses: boolean;
  stop(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startStsServer(): Promise<StsServer> {
  const state = { assumed: [] as AssumedRole[], validSeconds: 3600, refuses: false };
  const http = createServer((request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body);
      const [, by] =
        /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\S+\/sts\/aws4_request, /.exec(request.headers.authorization ?? '') ??
        [];
      const refused = state.refuses || !by || form.get('Action') !== 'AssumeRole';
      if (!refused) state.assumed.push({ roleArn: form.get('RoleArn'), session: form.get('RoleSessionName'), by });
      response
        .writeHead(refused ? 403 : 200, { 'content-type': 'text/xml' })
        .end(refused ? REFUSAL : credentials(state.assumed.length, state.validSeconds));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return Object.assign(state, {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  });
}

const REFUSAL =
  '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>';

function credentials(n: number, validSeconds: number): string {
  const until = new Date(Date.now() + validSeconds * 1000).toISOString();
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA${n}</AccessKeyId><SecretAccessKey>secret-${n}</SecretAccessKey><SessionToken>token-${n}</SessionToken><Expiration>${until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}
