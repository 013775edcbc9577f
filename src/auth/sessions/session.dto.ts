import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Length } from 'class-validator';
import { ROLES, Text } from '../../platform/http/index.ts';
import type { Role } from '../../platform/http/index.ts';

/** Credentials. */
export class LoginDto {
  @Text(1, 254)
  email: string;

  @IsString()
  @Length(1, 256)
  password: string;
}

/** A refresh token to exchange. */
export class RefreshDto {
  @IsString()
  @Length(1, 200)
  refresh_token: string;
}

/** What to end beside the session of the access token. */
export class LogoutDto {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  refresh_token?: string;
}

/** Tokens of a session. */
export class TokensDto {
  access_token: string;
  /** Good once; exchange it at `/auth/refresh` for a new pair. */
  refresh_token: string;
  @ApiProperty({ enum: ['Bearer'] }) token_type: 'Bearer';
  /** Seconds until the access token ends. */
  expires_in: number;
  @ApiProperty({ enum: ROLES }) role: Role;
}

/** Who is signed in. */
export class MeDto {
  @ApiProperty({ format: 'uuid' }) user_id: string;
  email: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  /** Public ids of the locations the user is limited to; empty = all. */
  @ApiProperty({ type: [String] }) location_ids: string[];
}
