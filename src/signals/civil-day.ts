import { registerDecorator, ValidationOptions } from 'class-validator';

const DAY_MS = 86_400_000;
const SHAPE = /^\d{4}-\d{2}-\d{2}$/;

/** Day of an ISO date (`2016-05-23`), counted from 1970-01-01. */
export function dayOf(isoDate: string): number {
  return Date.parse(`${isoDate}T00:00:00Z`) / DAY_MS;
}

/** ISO date of a day counted from 1970-01-01. */
export function isoOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Whether a text is a calendar day that exists, written as `2016-05-23`. */
export function isCivilDate(value: unknown): value is string {
  if (typeof value !== 'string' || !SHAPE.test(value)) return false;
  const day = dayOf(value);
  return Number.isFinite(day) && isoOf(day) === value;
}

/** Property decorator: the field is an existing calendar day in ISO form. */
export function IsCivilDate(options?: ValidationOptions): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isCivilDate',
      target: target.constructor,
      propertyName: property as string,
      options,
      validator: {
        validate: isCivilDate,
        defaultMessage: () => `${String(property)} must be a calendar day such as 2016-05-23`,
      },
    });
}
