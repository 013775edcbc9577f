import { Gauge } from 'prom-client';
import { metrics } from '../../platform/metrics/metrics.ts';
import type { Verification } from './verification.ts';

const broken = new Gauge({
  name: 'audit_trail_broken',
  help: 'Whether the latest verification found the audit trail tampered with: 1 = it does not hold',
  registers: [metrics],
});

const links = new Gauge({
  name: 'audit_trail_links',
  help: 'Links of the audit trail that held when it was last verified',
  registers: [metrics],
});

const verified = new Gauge({
  name: 'audit_trail_verified_timestamp_seconds',
  help: 'When the audit trail was last verified, seconds since 1970',
  registers: [metrics],
});

// Not known yet, which is neither whole nor broken.
for (const gauge of [broken, links, verified]) gauge.set(Number.NaN);

/** Shows on `/metrics` what a verification found. */
export function observeVerification(found: Pick<Verification, 'intact' | 'links'>, at: Date): void {
  broken.set(found.intact ? 0 : 1);
  links.set(found.links);
  verified.set(at.getTime() / 1000);
}
