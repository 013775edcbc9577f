import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { AuditEntry, AuditTrail } from '../../platform/audit/index.ts';
import { correlationId, idCursor, NotFoundError, Page, toPage } from '../../platform/http/index.ts';
import { AuditRowDto, AuditVerificationDto } from './audit.dto.ts';
import type { Verification } from './verification.ts';

export interface AuditFilter {
  readonly entity?: string;
  readonly entityId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly entity: string;
  readonly entity_id: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  readonly correlation_id: string | null;
}

const SECRET = /password|secret|token|api_?key/i;

/** JSON without the fields whose name says that they are secret. */
function withoutSecrets(value: object | null | undefined): string | null {
  if (!value) return null;
  return JSON.stringify(value, (key, field: unknown) => (SECRET.test(key) ? undefined : field));
}

/** The append-only trail of who changed what, under the correlation id of the request. */
@Injectable()
export class AuditService extends AuditTrail {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  async record(entry: AuditEntry, manager: EntityManager = this.dataSource.manager): Promise<void> {
    await manager.query(
      `INSERT INTO audit_log (actor, action, entity, entity_id, before, after, correlation_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        entry.actor,
        entry.action,
        entry.entity,
        entry.entityId,
        withoutSecrets(entry.before),
        withoutSecrets(entry.after),
        correlationId(),
      ],
    );
  }

  /** The trail, latest first. */
  async list(filter: AuditFilter): Promise<Page<AuditRowDto>> {
    const before = idCursor(filter.cursor);
    const rows = await this.dataSource.query<AuditRow[]>(
      `SELECT id, at, actor, action, entity, entity_id, before, after, correlation_id FROM audit_log
       WHERE ($1::text IS NULL OR entity = $1) AND ($2::text IS NULL OR entity_id = $2) AND ($3::bigint IS NULL OR id < $3)
       ORDER BY id DESC LIMIT $4`,
      [filter.entity ?? null, filter.entityId ?? null, before, filter.limit + 1],
    );
    return toPage(
      rows,
      filter.limit,
      (row) => [row.id],
      (row) => ({ ...row, at: row.at.toISOString() }),
    );
  }

  /** What the latest verification by a worker found; null before the first. */
  async findVerification(): Promise<AuditVerificationDto | null> {
    const [row] = await this.dataSource.query<{ finished_at: Date; result: Verification }[]>(
      `SELECT finished_at, result FROM jobs WHERE kind = 'audit-verification' AND state = 'succeeded'
       ORDER BY finished_at DESC LIMIT 1`,
    );
    return row ? { verified_at: row.finished_at.toISOString(), ...row.result } : null;
  }

  /** As {@link findVerification}. @throws NotFoundError before the first */
  async latestVerification(): Promise<AuditVerificationDto> {
    const found = await this.findVerification();
    if (!found) throw new NotFoundError('Verification');
    return found;
  }
}
