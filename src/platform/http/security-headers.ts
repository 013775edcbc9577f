import helmet, { HelmetOptions } from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const strictTransportSecurity = { maxAge: 31_536_000, includeSubDomains: true };

/** What Helmet would set on each answer; made once, since it is the same for all. */
function headersOfHelmet(options: HelmetOptions): Readonly<Record<string, string>> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(response.req, response, (error) => {
    if (error) throw error;
  });
  return Object.freeze(
    Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])),
  );
}

/** For pages (start page, API documentation): they load their own scripts and styles only. */
const PAGE_HEADERS = headersOfHelmet({
  strictTransportSecurity,
  contentSecurityPolicy: {
    directives: {
      defaultSrc: [`'self'`],
      styleSrc: [`'self'`, `'unsafe-inline'`],
      imgSrc: [`'self'`, 'data:'],
      objectSrc: [`'none'`],
      frameAncestors: [`'none'`],
      upgradeInsecureRequests: null,
    },
  },
});

/** For data: nothing in it may run or be framed. Headers that steer pages alone are left out. */
const DATA_HEADERS = headersOfHelmet({
  strictTransportSecurity,
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: [`'none'`], frameAncestors: [`'none'`] } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  referrerPolicy: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

const DATA_PATHS = ['/api/', '/health/', '/metrics'];

/** Security headers of the answer to a URL. */
export function securityHeadersFor(url: string): Readonly<Record<string, string>> {
  return DATA_PATHS.some((path) => url.startsWith(path)) ? DATA_HEADERS : PAGE_HEADERS;
}
