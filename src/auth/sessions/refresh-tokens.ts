import { Injectable } from '@nestjs/common';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** Life of one refresh token, and of all that descend from one sign-in. */
const TOKEN_LIFE = `interval '7 days'`;
const FAMILY_LIFE = `interval '30 days'`;

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What a refresh token was worth: a new one, nothing, or the news that somebody uses a copy. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly token: string; readonly userId: string; readonly family: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reused'; readonly userId: string; readonly family: string; readonly newlyRevoked: boolean };

/**
 * Opaque refresh tokens, of which only the SHA-256 is stored. Each is good once; using one again revokes everything that
 * descends from the same sign-in, since either user or thief holds a copy. All methods run inside the caller's
 * transaction.
 */
@Injectable()
export class RefreshTokens {
  /** Starts a family at sign-in; clears the user's families that ran out. */
  async start(manager: EntityManager, userId: string): Promise<{ token: string; family: string }> {
    await manager.query(`DELETE FROM refresh_tokens WHERE user_id = $1 AND family_expires_at < now()`, [userId]);
    const token = randomBytes(32).toString('base64url');
    const family = randomUUID();
    await manager.query(
      `INSERT INTO refresh_tokens (family, user_id, token_hash, expires_at, family_expires_at)
       VALUES ($1, $2, $3, now() + ${TOKEN_LIFE}, now() + ${FAMILY_LIFE})`,
      [family, userId, digest(token)],
    );
    return { token, family };
  }

  /** Uses a token up and makes the next one of its family. */
  async rotate(manager: EntityManager, used: string): Promise<Rotation> {
    // One statement decides who of many wins: the others wait for the row and then find it used.
    const [[spent]] = await manager.query<[{ user_id: string; family: string; family_expires_at: Date }[], number]>(
      `UPDATE refresh_tokens SET used_at = now()
       WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now() AND family_expires_at > now()
       RETURNING user_id, family, family_expires_at`,
      [digest(used)],
    );
    if (!spent) return this.refuse(manager, used);
    const token = randomBytes(32).toString('base64url');
    await manager.query(
      `INSERT INTO refresh_tokens (family, user_id, token_hash, expires_at, family_expires_at)
       VALUES ($1, $2, $3, least(now() + ${TOKEN_LIFE}, $4), $4)`,
      [spent.family, spent.user_id, digest(token), spent.family_expires_at],
    );
    return { kind: 'rotated', token, userId: spent.user_id, family: spent.family };
  }

  /** The family of a user's token; null for tokens of others. */
  async familyOf(manager: EntityManager, token: string, userId: string): Promise<string | null> {
    const [row] = await manager.query<{ family: string }[]>(
      `SELECT family FROM refresh_tokens WHERE token_hash = $1 AND user_id = $2`,
      [digest(token), userId],
    );
    return row?.family ?? null;
  }

  /** Ends one session. */
  async revokeFamily(manager: EntityManager, family: string): Promise<boolean> {
    const [, revoked] = await manager.query<[unknown[], number]>(
      `UPDATE refresh_tokens SET revoked_at = now() WHERE family = $1 AND revoked_at IS NULL`,
      [family],
    );
    return revoked > 0;
  }

  /** Ends all sessions of a user. */
  async revokeAll(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`UPDATE refresh_tokens SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL`, [
      userId,
    ]);
  }

  private async refuse(manager: EntityManager, token: string): Promise<Rotation> {
    const [known] = await manager.query<{ user_id: string; family: string; used_at: Date | null }[]>(
      `SELECT user_id, family, used_at FROM refresh_tokens WHERE token_hash = $1`,
      [digest(token)],
    );
    if (!known?.used_at) return { kind: 'refused' };
    const newlyRevoked = await this.revokeFamily(manager, known.family);
    return { kind: 'reused', userId: known.user_id, family: known.family, newlyRevoked };
  }
}
