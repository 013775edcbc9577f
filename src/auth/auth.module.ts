import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from './audit/audit.module.ts';
import { User } from './entities/user.entity.ts';
import { RefreshTokens } from './sessions/refresh-tokens.ts';
import { SessionRegistry } from './sessions/session-registry.ts';
import { UsersService } from './users/users.service.ts';

/** Users and the audit trail, for the API and the workers. */
@Module({
  imports: [TypeOrmModule.forFeature([User]), AuditModule],
  providers: [UsersService, RefreshTokens, SessionRegistry],
  exports: [AuditModule, UsersService, RefreshTokens, SessionRegistry],
})
export class AuthModule {}
