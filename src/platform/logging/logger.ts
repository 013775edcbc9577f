import { LoggerService } from '@nestjs/common';
import { Logger as PinoLogger, pino } from 'pino';
import { correlationId } from '../http/correlation.ts';
import { traceIds } from '../tracing/index.ts';

/**
 * Nest's logger on pino: one JSON object a line, with the correlation id of the request or job it belongs to, and the ids
 * of its trace where traces are recorded.
 */
export class JsonLogger implements LoggerService {
  readonly pino: PinoLogger;

  constructor(level: string, service: string) {
    this.pino = pino({
      level,
      base: { service },
      redact: {
        paths: ['password', 'access_token', 'refresh_token', 'authorization', '*.password', '*.authorization'],
        censor: '[redacted]',
      },
      mixin: () => {
        const id = correlationId();
        return { ...(id ? { correlation_id: id } : {}), ...traceIds() };
      },
    });
  }

  log(message: unknown, ...context: unknown[]): void {
    this.write('info', message, context);
  }
  error(message: unknown, ...context: unknown[]): void {
    this.write('error', message, context);
  }
  warn(message: unknown, ...context: unknown[]): void {
    this.write('warn', message, context);
  }
  debug(message: unknown, ...context: unknown[]): void {
    this.write('debug', message, context);
  }
  verbose(message: unknown, ...context: unknown[]): void {
    this.write('trace', message, context);
  }
  fatal(message: unknown, ...context: unknown[]): void {
    this.write('fatal', message, context);
  }

  private write(
    level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal',
    message: unknown,
    context: unknown[],
  ): void {
    // Nest passes the class name last, and for errors a stack before it.
    const name = typeof context.at(-1) === 'string' ? (context.at(-1) as string) : undefined;
    const stack = context.length > 1 && typeof context[0] === 'string' ? { stack: context[0] } : {};
    if (message instanceof Error) this.pino[level]({ err: message, context: name }, message.message);
    else if (message && typeof message === 'object') this.pino[level]({ ...message, context: name, ...stack });
    else this.pino[level]({ context: name, ...stack }, String(message));
  }
}
