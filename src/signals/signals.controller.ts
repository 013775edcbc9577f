import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowRole, AppError, Caller, Idempotent, MayTakeLonger } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import {
  CalendarListDto,
  ImportedSignalsDto,
  SignalFileDto,
  SignalsDto,
  SignalSourceDto,
  StoredSignalDto,
} from './signals.dto.ts';
import { SignalImportService } from './values/signal-import.service.ts';
import { SignalStatusService } from './values/signal-status.service.ts';

/** Signals from outside: weather, economy, market, traffic and events. */
@ApiTags('signals')
@Controller('signals')
@AllowRole('planner')
export class SignalsController {
  constructor(
    private readonly status: SignalStatusService,
    private readonly imports: SignalImportService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Services with uptime and breaker, what is stored of each signal, and where the calendar is from',
  })
  async get(): Promise<SignalsDto> {
    const [sources, stored, calendar] = await Promise.all([
      this.status.sources(),
      this.status.stored(),
      this.status.calendar(),
    ]);
    return {
      sources: sources.map(SignalSourceDto.of),
      stored: stored.map(StoredSignalDto.of),
      calendar: calendar.map(CalendarListDto.of),
    };
  }

  @Post('import')
  @Idempotent()
  @MayTakeLonger()
  @HttpCode(200)
  @ApiOperation({ summary: 'Take in local events, traffic or weather as CSV; the same file again changes nothing' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: SignalFileDto })
  async import(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<ImportedSignalsDto> {
    if (!request.isMultipart())
      throw new AppError(415, 'NOT_MULTIPART', 'Send the file as multipart/form-data in the field "file"');
    return ImportedSignalsDto.of(await this.imports.import(request.parts(), caller));
  }
}
