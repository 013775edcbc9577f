import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRole, Caller, etagOf, PageQuery, PublicId, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { CreateUserDto, ReplaceUserDto, UserDto, UserPageDto } from './user.dto.ts';
import { UsersService } from './users.service.ts';

const stateOf = (body: Omit<ReplaceUserDto, 'password'>) => ({
  email: body.email,
  role: body.role,
  locationIds: body.location_ids ?? [],
  disabled: body.disabled ?? false,
});

/** Users, for administrators. */
@ApiTags('users')
@ApiBearerAuth()
@Controller('users')
@AllowRole('admin')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiOperation({ summary: 'Users, by email' })
  async list(@Query() query: PageQuery): Promise<UserPageDto> {
    return this.users.list(query);
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Add a user' })
  async create(
    @Body() body: CreateUserDto,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    const user = await this.users.create({ ...stateOf(body), password: body.password }, caller.email);
    reply.header('location', `/api/v1/users/${user.id}`).header('etag', etagOf(user));
    return UserDto.of(user);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One user' })
  async get(@PublicId() id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<UserDto> {
    const user = await this.users.get(id);
    reply.header('etag', etagOf(user));
    return UserDto.of(user);
  }

  @Put(':id')
  @Idempotent()
  @ApiOperation({ summary: 'Replace a user; ends the sessions that a change of role, password or state makes void' })
  async replace(
    @PublicId() id: string,
    @Body() body: ReplaceUserDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    const state = { ...stateOf(body), password: body.password };
    const user = await this.users.replace(id, state, ifMatch, caller.email);
    reply.header('etag', etagOf(user));
    return UserDto.of(user);
  }

  @Delete(':id')
  @Idempotent()
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a user and end all its sessions' })
  async remove(
    @PublicId() id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
  ): Promise<void> {
    await this.users.remove(id, ifMatch, caller.email);
  }
}
