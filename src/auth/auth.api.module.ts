import { Inject, Module, OnApplicationBootstrap } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../platform/config/index.ts';
import type { AppConfig } from '../platform/config/index.ts';
import { AccessGuard } from './access/access.guard.ts';
import { AccessStatements } from './access/access-statements.ts';
import { JwtStrategy } from './access/jwt.strategy.ts';
import { VerifiedTokens } from './access/verified-tokens.ts';
import { AuditController } from './audit/audit.controller.ts';
import { AuthModule } from './auth.module.ts';
import { AuthController } from './sessions/auth.controller.ts';
import { LoginThrottle } from './sessions/login-throttle.ts';
import { SessionsService } from './sessions/sessions.service.ts';
import { TokenKeys } from './sessions/token-keys.ts';
import { announceFirstAdministrator, ensureFirstAdministrator } from './users/first-administrator.ts';
import { UsersController } from './users/users.controller.ts';
import { UsersService } from './users/users.service.ts';

/** Sign-in, users, the audit trail and the guard of all routes. */
@Module({
  imports: [
    AuthModule,
    DiscoveryModule,
    JwtModule.registerAsync({
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig) => ({ secret: config.auth.jwtKey }),
    }),
  ],
  controllers: [AuthController, UsersController, AuditController],
  providers: [
    SessionsService,
    LoginThrottle,
    TokenKeys,
    JwtStrategy,
    AccessStatements,
    VerifiedTokens,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
})
export class AuthApiModule implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly users: UsersService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    announceFirstAdministrator(await ensureFirstAdministrator(this.dataSource, this.users, this.config));
  }
}
