import winston from 'winston';
import { LineOutput } from './line-output.ts';

/** Structured facts of a log line: snake_case keys, no secrets, an Error under `error`. */
export type LogFields = Record<string, unknown>;

/** What our code sees of the logger; winston stays behind it. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

export interface LoggerOptions {
  level: Level;
  /** Fields of every line, such as the replica. */
  fields: LogFields;
  /** Texts that are shown nowhere, longer ones first: what others tell us, as a provider that repeats our key, is logged too. */
  hide?: readonly string[];
}

/** One JSON object a line on standard output: `at`, `level`, `message`, then the fields. */
export function createLogger(options: LoggerOptions): Logger {
  const root = winston.createLogger({
    level: options.level,
    format: winston.format.combine(winston.format(serialise)(), winston.format.json()),
    defaultMeta: options.fields,
    transports: [new winston.transports.Stream({ stream: new LineOutput(process.stdout, options.hide), eol: '\n' })],
  });
  return wrap(root, new Set(LEVELS.filter((level) => root.isLevelEnabled(level))));
}

/** `shown`: asked once and before, as winston puts every line together and throws away only then what is below the level. */
function wrap(target: winston.Logger, shown: ReadonlySet<Level>): Logger {
  const say = (level: Level) =>
    shown.has(level) ? (message: string, fields?: LogFields) => void target[level](message, fields) : silent;
  return {
    error: say('error'),
    warn: say('warn'),
    info: say('info'),
    debug: say('debug'),
    child: (fields) => wrap(target.child(fields), shown),
  };
}

function silent(): void {}

/** winston prints an Error in metadata as `{}`; this keeps name, message, stack and the chain of causes. */
function serialise(info: winston.Logform.TransformableInfo): winston.Logform.TransformableInfo {
  info.at = new Date().toISOString();
  if (info.error instanceof Error) info.error = describeError(info.error);
  return info;
}

/** An Error as plain data, three causes deep. */
export function describeError(error: unknown, depth = 3): unknown {
  if (!(error instanceof Error)) return error;
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined || depth === 0 ? {} : { cause: describeError(error.cause, depth - 1) }),
  };
}
