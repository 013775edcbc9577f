import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AllowRole, AppError, Caller, Idempotent, JSON_LINES, TakesBody } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { MAX_EVENTS } from './read-body.ts';
import { EventReceiptDto, StreamEventDto } from './stream.dto.ts';
import { StreamService } from './stream.service.ts';

/** Largest body of events. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
const TAKEN_TYPES = /^application\/(json|x-ndjson)\b/i;
const EVENT = { $ref: getSchemaPath(StreamEventDto) };

/** Sales as they happen. */
@ApiTags('sales')
@Controller('sales-data')
@AllowRole('planner')
export class StreamController {
  constructor(private readonly stream: StreamService) {}

  @Post('events')
  @Idempotent()
  @HttpCode(202)
  @TakesBody({ bodyLimitBytes: MAX_BODY_BYTES, jsonLines: true })
  @ApiOperation({
    summary: 'Send sales as they happen: one event, an array or JSON lines; each event id is stored once',
  })
  @ApiConsumes('application/json', JSON_LINES)
  @ApiExtraModels(StreamEventDto)
  @ApiBody({
    schema: { oneOf: [EVENT, { type: 'array', minItems: 1, maxItems: MAX_EVENTS, items: EVENT }] },
  })
  async send(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<EventReceiptDto> {
    const type = request.headers['content-type'];
    if (type !== undefined && !TAKEN_TYPES.test(type))
      throw new AppError(415, 'UNSUPPORTED_MEDIA_TYPE', `Send events as application/json or ${JSON_LINES}`);
    const { body } = request;
    // The request outlives the reading of its body: what was read need not wait in memory for the database as well.
    request.body = undefined;
    return EventReceiptDto.of(await this.stream.accept(body, caller));
  }
}
