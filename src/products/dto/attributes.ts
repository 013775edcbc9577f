import { registerDecorator } from 'class-validator';

const MAX_KEYS = 50;
const MAX_KEY_LENGTH = 64;
const MAX_VALUE_LENGTH = 500;
const REACHES_PROTOTYPE = new Set(['__proto__', 'constructor', 'prototype']);
const CONTROL = /[\p{Cc}\p{Cs}]/u;

function isPlainValue(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_VALUE_LENGTH && !CONTROL.test(value);
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** Whether a value is a flat object of at most fifty bounded strings, finite numbers and booleans. */
export function isFlatAttributes(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_KEYS &&
    entries.every(
      ([key, item]) =>
        key.length >= 1 &&
        key.length <= MAX_KEY_LENGTH &&
        !CONTROL.test(key) &&
        !REACHES_PROTOTYPE.has(key) &&
        isPlainValue(item),
    )
  );
}

/** Property decorator of a product's free attributes. */
export function FlatAttributes(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'flatAttributes',
      target: target.constructor,
      propertyName: propertyName as string,
      validator: {
        validate: isFlatAttributes,
        defaultMessage: () =>
          `$property must be an object of at most ${MAX_KEYS} strings (up to ${MAX_VALUE_LENGTH} characters), numbers or booleans`,
      },
    });
}
