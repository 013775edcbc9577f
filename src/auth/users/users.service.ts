import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, MoreThan } from 'typeorm';
import type { EntityManager } from 'typeorm';
import {
  assertIfMatch,
  ConflictError,
  decodeCursor,
  InvalidRequestError,
  NotFoundError,
  Page,
  PageQuery,
  Role,
  toPage,
} from '../../platform/http/index.ts';
import { isUniqueViolation } from '../../platform/database/index.ts';
import { AuditService } from '../audit/audit.service.ts';
import { User } from '../entities/user.entity.ts';
import { hashPassword, passwordProblem } from '../passwords.ts';
import { RefreshTokens } from '../sessions/refresh-tokens.ts';
import { SessionRegistry } from '../sessions/session-registry.ts';
import { UserDto } from './user.dto.ts';

/** A user's new state; without a password the old one stays. */
export interface UserState {
  readonly email: string;
  readonly role: Role;
  readonly locationIds: readonly string[];
  readonly disabled: boolean;
  readonly password?: string;
}

const isActiveAdmin = (user: Pick<User, 'role' | 'disabled'>): boolean => user.role === 'admin' && !user.disabled;

/** Everybody who may sign in. Changes of what a user may do end the sessions that were opened before. */
@Injectable()
export class UsersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly refreshTokens: RefreshTokens,
    private readonly registry: SessionRegistry,
    private readonly audit: AuditService,
  ) {}

  /** Users by email. */
  async list(query: PageQuery): Promise<Page<UserDto>> {
    const [after] = decodeCursor(query.cursor, 1) ?? [''];
    const rows = await this.dataSource.manager.find(User, {
      where: { email: MoreThan(String(after)) },
      order: { email: 'ASC' },
      take: query.limit + 1,
    });
    return toPage(rows, query.limit, (user) => [user.email], UserDto.of);
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<User> {
    const user = await this.dataSource.manager.findOneBy(User, { id });
    if (!user) throw new NotFoundError('User');
    return user;
  }

  /** @throws InvalidRequestError for a weak password, ConflictError for an email in use */
  async create(state: UserState & { readonly password: string }, actor: string): Promise<User> {
    this.checkPassword(state.password, state.email);
    const passwordHash = await hashPassword(state.password);
    return this.write(async (manager) => {
      const user = await this.insert(manager, state, passwordHash);
      await this.audit.record(
        { actor, action: 'user.created', entity: 'user', entityId: user.id, after: UserDto.of(user) },
        manager,
      );
      return user;
    });
  }

  /** Inserts a row without asking who or why; for {@link create} and the first administrator. */
  async insert(manager: EntityManager, state: Omit<UserState, 'password'>, passwordHash: string): Promise<User> {
    const [{ id }] = await manager.query<{ id: string }[]>(
      `INSERT INTO users (email, password_hash, role, location_ids, disabled) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
      [state.email, passwordHash, state.role, state.locationIds, state.disabled],
    );
    return manager.findOneByOrFail(User, { id });
  }

  /**
   * Replaces a user's state.
   * @throws NotFoundError, PreconditionFailedError, InvalidRequestError, ConflictError (email in use, last administrator)
   */
  async replace(id: string, state: UserState, ifMatch: string | undefined, actor: string): Promise<User> {
    if (state.password !== undefined) this.checkPassword(state.password, state.email);
    const passwordHash = state.password === undefined ? null : await hashPassword(state.password);
    const user = await this.write(async (manager) => {
      const before = await this.lock(manager, id);
      assertIfMatch(ifMatch, before);
      if (isActiveAdmin(before) && !isActiveAdmin(state)) await this.assertAnotherAdmin(manager, id);
      const ends = passwordHash !== null || state.role !== before.role || state.disabled !== before.disabled;
      // Email and locations are claims of the access tokens: those go, the sessions stay.
      const outdates = ends || state.email !== before.email || state.locationIds.join() !== before.locationIds.join();
      await manager.query(
        `UPDATE users SET email = $2, role = $3, location_ids = $4, disabled = $5,
           password_hash = coalesce($6, password_hash), token_version = token_version + $7, version = version + 1,
           updated_at = clock_timestamp()
         WHERE id = $1`,
        [id, state.email, state.role, state.locationIds, state.disabled, passwordHash, outdates ? 1 : 0],
      );
      if (ends) await this.refreshTokens.revokeAll(manager, id);
      const after = await manager.findOneByOrFail(User, { id });
      await this.audit.record(
        {
          actor,
          action: passwordHash === null ? 'user.updated' : 'user.credentials-changed',
          entity: 'user',
          entityId: id,
          before: UserDto.of(before),
          after: UserDto.of(after),
        },
        manager,
      );
      return after;
    });
    this.registry.forget(id);
    return user;
  }

  /**
   * Removes a user and ends all sessions.
   * @throws NotFoundError, PreconditionFailedError, ConflictError for the last administrator
   */
  async remove(id: string, ifMatch: string | undefined, actor: string): Promise<void> {
    await this.write(async (manager) => {
      const before = await this.lock(manager, id);
      assertIfMatch(ifMatch, before);
      if (isActiveAdmin(before)) await this.assertAnotherAdmin(manager, id);
      await manager.delete(User, { id });
      await this.audit.record(
        { actor, action: 'user.deleted', entity: 'user', entityId: id, before: UserDto.of(before) },
        manager,
      );
    });
    this.registry.forget(id);
  }

  private checkPassword(password: string, email: string): void {
    const problem = passwordProblem(password, email);
    if (problem) throw new InvalidRequestError('password', problem);
  }

  private async lock(manager: EntityManager, id: string): Promise<User> {
    // Administrators first and always in the same order, so that two who remove each other wait instead of deadlocking,
    // and the second finds itself the last.
    await manager.query(`SELECT id FROM users WHERE role = 'admin' AND NOT disabled ORDER BY id FOR UPDATE`);
    const user = await manager.findOne(User, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!user) throw new NotFoundError('User');
    return user;
  }

  private async assertAnotherAdmin(manager: EntityManager, id: string): Promise<void> {
    const others = await manager.query<unknown[]>(
      `SELECT 1 FROM users WHERE role = 'admin' AND NOT disabled AND id <> $1 LIMIT 1`,
      [id],
    );
    if (!others.length) throw new ConflictError('The last enabled administrator must stay one');
  }

  private async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      if (isUniqueViolation(error, 'users_email')) throw new ConflictError('This email is in use', 'email');
      throw error;
    }
  }
}
