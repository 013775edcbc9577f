import { Injectable, Logger } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UnauthorizedError } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AuditService } from '../audit/audit.service.ts';
import { User } from '../entities/user.entity.ts';
import { hashPassword, needsRehash, verifyPassword } from '../passwords.ts';
import { ACCESS_TOKEN_SECONDS, AccessClaims, SIGN_OPTIONS } from './access-token.ts';
import { LoginThrottle } from './login-throttle.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { TokensDto } from './session.dto.ts';
import { SessionRegistry } from './session-registry.ts';
import { TokenKeys } from './token-keys.ts';

/** Signing in, staying in and leaving. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jwt: JwtService,
    private readonly keys: TokenKeys,
    private readonly refreshTokens: RefreshTokens,
    private readonly registry: SessionRegistry,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditService,
  ) {}

  /**
   * Exchanges credentials for tokens. Unknown user, wrong password and disabled user are one refusal, in words and in
   * time.
   * @throws UnauthorizedError, TooManyRequestsError
   */
  async login(emailAsTyped: string, password: string, ip: string): Promise<TokensDto> {
    const email = emailAsTyped.toLowerCase();
    const succeed = await this.throttle.attempt(email, ip);
    const user = await this.dataSource.manager.findOneBy(User, { email });
    const matches = await verifyPassword(user?.passwordHash ?? null, password);
    if (!user || !matches || user.disabled) {
      this.logger.warn({ message: 'sign-in refused', email, ip });
      throw new UnauthorizedError('Email or password is wrong');
    }
    await succeed();
    if (needsRehash(user.passwordHash)) await this.rehash(user, password);
    const { token, family } = await this.dataSource.transaction(async (manager) => {
      const started = await this.refreshTokens.start(manager, user.id);
      const entry = { actor: user.email, action: 'session.started', entity: 'user', entityId: user.id };
      await this.audit.record({ ...entry, after: { family: started.family } }, manager);
      return started;
    });
    return this.tokens(user, token, family);
  }

  /**
   * Exchanges a refresh token for a new pair.
   * @throws UnauthorizedError when it is unknown, spent, revoked or expired, or its user is disabled
   */
  async refresh(refreshToken: string): Promise<TokensDto> {
    // Refused by the outcome and not by an exception, which would roll the revocation back.
    const tokens = await this.dataSource.transaction(async (manager) => {
      const rotation = await this.refreshTokens.rotate(manager, refreshToken);
      if (rotation.kind === 'refused') return null;
      const user = await manager.findOneBy(User, { id: rotation.userId });
      if (rotation.kind === 'reused') {
        this.registry.forget(rotation.userId);
        if (rotation.newlyRevoked) {
          await this.audit.record(
            {
              actor: user?.email ?? 'system',
              action: 'session.revoked',
              entity: 'user',
              entityId: rotation.userId,
              after: { reason: 'refresh-reused', family: rotation.family },
            },
            manager,
          );
        }
        return null;
      }
      return user && !user.disabled ? this.tokens(user, rotation.token, rotation.family) : null;
    });
    if (!tokens) throw new UnauthorizedError('The refresh token is not valid');
    return tokens;
  }

  /** Ends the session of an access token, and the one of a refresh token of the same user, at once. */
  async logout(
    { userId, email }: Pick<Principal, 'userId' | 'email'>,
    sessionId: string,
    refreshToken?: string,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const entry = { actor: email, action: 'session.ended', entity: 'user', entityId: userId };
      await this.audit.record({ ...entry, before: { family: sessionId } }, manager);
      await this.refreshTokens.revokeFamily(manager, sessionId);
      if (refreshToken === undefined) return;
      const family = await this.refreshTokens.familyOf(manager, refreshToken, userId);
      if (family) await this.refreshTokens.revokeFamily(manager, family);
    });
    this.registry.forget(userId);
  }

  private async rehash(user: User, password: string): Promise<void> {
    // Only over the hash that was verified: the password may have been changed meanwhile.
    await this.dataSource.manager.update(
      User,
      { id: user.id, passwordHash: user.passwordHash },
      { passwordHash: await hashPassword(password) },
    );
  }

  private async tokens(user: User, refreshToken: string, family: string): Promise<TokensDto> {
    const claims: AccessClaims = {
      sub: user.id,
      typ: 'access',
      email: user.email,
      role: user.role,
      ver: user.tokenVersion,
      sid: family,
      locs: user.locationIds,
    };
    return {
      access_token: await this.jwt.signAsync(claims, { ...SIGN_OPTIONS, keyid: this.keys.currentId }),
      refresh_token: refreshToken,
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      role: user.role,
    };
  }
}
