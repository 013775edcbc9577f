import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsString,
  IsUUID,
  MaxLength,
} from 'class-validator';
import { Transform } from 'class-transformer';
import { IfPresent, ROLES } from '../../platform/http/index.ts';
import type { Role } from '../../platform/http/index.ts';
import { User } from '../entities/user.entity.ts';

/** Most locations a user may be limited to: they travel in each access token. */
const MAX_LOCATIONS = 100;

/** A user as an administrator writes it. A field left out takes its default, on PUT as well. */
class UserFields {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toLowerCase() : value))
  @IsEmail({ require_tld: false })
  @MaxLength(254)
  email: string;

  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  role: Role;

  /** Public ids of the locations the user is limited to; empty = all. */
  @ApiPropertyOptional({ type: [String], format: 'uuid', default: [] })
  @IfPresent()
  @IsArray()
  @ArrayMaxSize(MAX_LOCATIONS)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  location_ids?: string[];

  @ApiPropertyOptional({ default: false })
  @IfPresent()
  @IsBoolean()
  disabled?: boolean;
}

/** A new user. */
export class CreateUserDto extends UserFields {
  /** 8 to 128 characters of any kind; the most common passwords are refused. */
  @ApiProperty({ minLength: 8, maxLength: 128, writeOnly: true })
  @IsString()
  @MaxLength(512)
  password: string;
}

/** The new state of a user; without `password` the old one stays. */
export class ReplaceUserDto extends UserFields {
  /** 8 to 128 characters of any kind; ends the user's sessions. */
  @ApiPropertyOptional({ minLength: 8, maxLength: 128, writeOnly: true })
  @IfPresent()
  @IsString()
  @MaxLength(512)
  password?: string;
}

/** A user; the password never leaves. */
export class UserDto {
  @ApiProperty({ format: 'uuid' }) user_id: string;
  @ApiProperty() email: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  @ApiProperty({ type: [String], format: 'uuid' }) location_ids: string[];
  @ApiProperty() disabled: boolean;
  @ApiProperty({ format: 'date-time' }) created_at: string;

  static of(user: User): UserDto {
    return {
      user_id: user.id,
      email: user.email,
      role: user.role,
      location_ids: user.locationIds,
      disabled: user.disabled,
      created_at: user.createdAt.toISOString(),
    };
  }
}

/** A page of users, by email. */
export class UserPageDto {
  @ApiProperty({ type: [UserDto] }) items: UserDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}
