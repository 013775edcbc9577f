import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowRole, Caller, Public, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { LoginDto, LogoutDto, MeDto, RefreshDto, TokensDto } from './session.dto.ts';
import { SessionsService } from './sessions.service.ts';

/** Signing in and out. */
@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(private readonly sessions: SessionsService) {}

  @Post('login')
  @Idempotent()
  @Public()
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOperation({ summary: 'Exchange email and password for tokens' })
  async login(@Body() body: LoginDto, @Req() request: FastifyRequest): Promise<TokensDto> {
    return this.sessions.login(body.email, body.password, request.ip);
  }

  @Post('refresh')
  @Idempotent()
  @Public()
  @Header('cache-control', 'no-store')
  @HttpCode(200)
  @ApiOperation({ summary: 'Exchange a refresh token for a new pair; using one twice ends the session' })
  async refresh(@Body() body: RefreshDto): Promise<TokensDto> {
    return this.sessions.refresh(body.refresh_token);
  }

  @Post('logout')
  @Idempotent()
  @AllowRole('viewer')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'End this session' })
  async logout(
    @Body() body: LogoutDto | undefined,
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.sessions.logout(caller, request.sessionId as string, body?.refresh_token);
  }

  @Get('me')
  @AllowRole('viewer')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who is signed in' })
  me(@Caller() caller: Principal): MeDto {
    return { user_id: caller.userId, email: caller.email, role: caller.role, location_ids: [...caller.locationIds] };
  }
}
