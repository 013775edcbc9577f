import { ApiProperty } from '@nestjs/swagger';
import { Text } from '../../platform/http/index.ts';
import type { DropAddress } from '../drops/drop-addresses.ts';

/** What is to be uploaded. */
export class UploadUrlRequestDto {
  /** Name of the file, as the list of uploads will show it. */
  @Text(1, 200)
  filename: string;
}

/** Where to put a file. */
export class UploadUrlDto {
  /** Send the file itself as the body of a PUT; whoever has the address may, until it expires. */
  @ApiProperty({ format: 'uri' }) url: string;
  @ApiProperty({ enum: ['PUT'] }) method: 'PUT';
  @ApiProperty() object_key: string;
  @ApiProperty({ format: 'date-time' }) expires_at: Date;

  static of({ url, objectKey, expiresAt }: DropAddress): UploadUrlDto {
    return { url, method: 'PUT', object_key: objectKey, expires_at: expiresAt };
  }
}
