import type { ErrorCode } from './catalogue.ts';
import type { FieldError, WeirError } from './weir-error.ts';

/** RFC 9457 problem details, media type `application/problem+json`. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  correlation_id: string;
  /** W3C Trace Context; only where there is a trace. */
  trace_id?: string;
  instance?: string;
  errors?: FieldError[];
  retry_after_seconds?: number;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The outward face of an error. `instance` is the request path. */
export function toProblem(
  error: WeirError,
  correlationId: string,
  instance?: string,
  traceId?: string,
): ProblemDocument {
  return {
    type: `urn:weir:error:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.detail,
    code: error.code,
    correlation_id: correlationId,
    ...(traceId === undefined ? {} : { trace_id: traceId }),
    ...(instance === undefined ? {} : { instance }),
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.retryAfterSeconds === undefined ? {} : { retry_after_seconds: error.retryAfterSeconds }),
  };
}
