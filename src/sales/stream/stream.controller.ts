import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  AllowRole,
  AppError,
  Caller,
  Idempotent,
  InvalidRequestError,
  JSON_LINES,
  TakesBytes,
} from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { EventBytes, MAX_EVENTS } from './read-body.ts';
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
  @TakesBytes(MAX_BODY_BYTES)
  @ApiOperation({
    summary: 'Send sales as they happen: one event, an array or JSON lines; each event id is stored once',
  })
  @ApiConsumes('application/json', JSON_LINES)
  @ApiExtraModels(StreamEventDto)
  @ApiBody({
    schema: { oneOf: [EVENT, { type: 'array', minItems: 1, maxItems: MAX_EVENTS, items: EVENT }] },
  })
  async send(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<EventReceiptDto> {
    const body = bytesOf(request);
    // The request outlives the reading of its body: what was read need not wait in memory for the database as well.
    request.body = undefined;
    return EventReceiptDto.of(await this.stream.accept(body, caller));
  }
}

function bytesOf({ body, headers }: FastifyRequest): EventBytes {
  const type = headers['content-type'];
  if (type !== undefined && !TAKEN_TYPES.test(type))
    throw new AppError(415, 'UNSUPPORTED_MEDIA_TYPE', `Send events as application/json or ${JSON_LINES}`);
  if (!Buffer.isBuffer(body)) throw new InvalidRequestError('body', 'is missing');
  return { bytes: body, lines: type !== undefined && /ndjson/i.test(type) };
}
