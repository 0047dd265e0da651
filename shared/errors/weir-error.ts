import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.ts';

/** One invalid field: `path` in dotted form (`steps.0.config.prompt`), `message` for people. */
export interface FieldError {
  path: string;
  message: string;
}

export interface WeirErrorOptions {
  /** Replaces the catalogue's sentence; shown to people, so nothing internal. */
  detail?: string;
  errors?: FieldError[];
  /** Seconds until a repeat has a chance; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** For the log only. */
  cause?: unknown;
  logDetail?: string;
}

/** An error with two faces: the catalogue entry goes out, `cause` and `logDetail` go to the log. */
export class WeirError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly logDetail: string | undefined;

  constructor(code: ErrorCode, options: WeirErrorOptions = {}) {
    const entry = ERROR_CATALOGUE[code];
    super(options.detail ?? entry.detail, { cause: options.cause });
    this.name = 'WeirError';
    this.code = code;
    this.status = entry.status;
    this.title = entry.title;
    this.detail = options.detail ?? entry.detail;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.logDetail = options.logDetail;
  }

  /** The same trouble as somebody else has to be told of it. */
  as(code: ErrorCode, retryAfterSeconds = this.retryAfterSeconds): WeirError {
    return new WeirError(code, { cause: this.cause, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
  }
}
