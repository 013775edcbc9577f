import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches, ValidateIf } from 'class-validator';

/** Control characters and lone surrogates: PostgreSQL refuses the first NUL, logs and exports suffer from the rest. */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;

/** Property decorator of a one-line text: trimmed, `min` to `max` characters, no control characters. */
export function Text(min: number, max: number): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsString(),
    Length(min, max),
    Matches(PLAIN, { message: '$property must not contain control characters' }),
  );
}

/** Property decorator of a field that may be left out but, unlike with `IsOptional`, not be null. */
export function IfPresent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}
