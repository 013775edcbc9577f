import { Body, Controller, Get, HttpCode, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import {
  AllowRole,
  AppError,
  Caller,
  decodeCursor,
  InvalidRequestError,
  MayTakeLonger,
  PageQuery,
  PublicId,
  toPage,
  Idempotent,
} from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { AcceptedJobDto } from '../platform/queue/index.ts';
import { Reads } from '../platform/reads/index.ts';
import { UploadDto, UploadFileDto, UploadPageDto } from './dto/upload.dto.ts';
import { DropAddresses } from './drops/drop-addresses.ts';
import { UploadUrlDto, UploadUrlRequestDto } from './dto/upload-url.dto.ts';
import { UploadsService } from './uploads.service.ts';

const UUID = /^[0-9a-f-]{36}$/;

/** Files of sales history, from upload to quality report. */
@ApiTags('sales')
@Controller('sales-data')
@AllowRole('planner')
export class UploadsController {
  constructor(
    private readonly uploads: UploadsService,
    private readonly reads: Reads,
    private readonly addresses: DropAddresses,
  ) {}

  @Post('upload')
  @Idempotent()
  @MayTakeLonger()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Upload sales as CSV, XLSX or Parquet (gzip allowed); the same file again answers the same job',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadFileDto })
  async upload(@Req() request: FastifyRequest, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    if (!request.isMultipart())
      throw new AppError(415, 'NOT_MULTIPART', 'Send the file as multipart/form-data in the field "file"');
    return AcceptedJobDto.of(await this.uploads.accept(request.parts(), caller));
  }

  @Post('upload-url')
  @Idempotent()
  @ApiOperation({
    summary: 'An address in the bucket to put a sales file to, which is taken in within minutes; for large files',
  })
  async uploadUrl(@Body() body: UploadUrlRequestDto, @Caller() caller: Principal): Promise<UploadUrlDto> {
    return UploadUrlDto.of(await this.addresses.create(body.filename, caller));
  }

  @Get('uploads')
  @ApiOperation({ summary: 'Uploads with their quality reports, newest first' })
  async list(@Query() query: PageQuery, @Caller() caller: Principal): Promise<UploadPageDto> {
    const key = decodeCursor(query.cursor, 2);
    if (key && !(Number.isSafeInteger(key[0]) && typeof key[1] === 'string' && UUID.test(key[1])))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const uploads = await this.uploads.list(caller, key ? [Number(key[0]), String(key[1])] : null, query.limit + 1);
    return toPage(uploads, query.limit, (upload) => [upload.created_us, upload.id], UploadDto.of);
  }

  @Get('uploads/:id')
  @ApiOperation({ summary: 'One upload and its quality report' })
  async get(@PublicId() id: string, @Caller() caller: Principal): Promise<UploadDto> {
    const upload = await this.uploads.get(id, caller);
    // Who is told that a file is loaded must find its sales.
    await this.reads.remember(caller.userId);
    return UploadDto.of(upload);
  }

  @Get('uploads/:id/rejected')
  @ApiOperation({ summary: 'The rows that were not loaded, with line and reason' })
  @ApiOkResponse({
    description: 'Columns line, reason and row',
    content: { 'text/csv': { schema: { type: 'string' } } },
  })
  async rejected(@PublicId() id: string, @Caller() caller: Principal): Promise<StreamableFile> {
    return new StreamableFile(await this.uploads.rejected(id, caller), {
      type: 'text/csv; charset=utf-8',
      disposition: `attachment; filename="rejected-${id}.csv"`,
    });
  }

  @Post('uploads/:id/release')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('admin')
  @ApiOperation({ summary: 'Load a held upload in spite of its bad rows' })
  async release(@PublicId() id: string, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    return AcceptedJobDto.of(await this.uploads.release(id, caller));
  }
}
