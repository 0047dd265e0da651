import type { z } from 'zod';
import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import type { TraceSpan } from '../../../shared/observability/tracing/spans.ts';
import type { Identity } from '../auth/identity.ts';

/** `admin` includes `user`: an admin may do what a user may. */
export type Access = 'public' | 'user' | 'admin';

type Schema = z.ZodType;
/** Query, path and headers come as an object of texts. */
type Fields = z.ZodObject;

/** What is read from a request, each part by its schema; a part without a schema is not read at all. */
export interface InputSchemas {
  params?: Fields;
  query?: Fields;
  /** Names as people write them: `Idempotency-Key`. */
  headers?: Fields;
  body?: Schema;
}

type Parsed<Part> = Part extends Schema ? z.output<Part> : undefined;

export interface RouteRequest<Input extends InputSchemas, Who extends Access> {
  params: Parsed<Input['params']>;
  query: Parsed<Input['query']>;
  headers: Parsed<Input['headers']>;
  body: Parsed<Input['body']>;
  caller: Who extends 'public' ? undefined : Identity;
  correlationId: string;
  /** Of the request; records nothing while tracing is off. */
  span: TraceSpan;
}

export interface Answer<Body extends Schema> {
  status: number;
  description: string;
  /** Absent: not JSON; `mediaType` says what. */
  schema?: Body;
  mediaType?: string;
  /** Extra headers for the document: name to meaning. */
  headers?: Record<string, string>;
}

/** What a handler gives back; `status` replaces the route's own. */
export interface RouteReply<Body> {
  status?: number;
  body?: Body;
  text?: string;
  headers?: Record<string, string>;
}

/** One row of the HTTP table: what the door checks, what the OpenAPI document says, and who answers. */
export interface Route<
  Input extends InputSchemas = InputSchemas,
  Body extends Schema = Schema,
  Who extends Access = Access,
> {
  method: 'get' | 'post' | 'patch';
  /** In Express's form: `/api/v1/runs/:id`. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  access: Who;
  input: Input;
  answer: Answer<Body>;
  /** Other answers that are not problem documents. */
  otherAnswers?: Array<Answer<Body>>;
  /** Those of the use case; what the door itself refuses is added to the document by access and input. */
  errors?: ErrorCode[];
  handle(request: RouteRequest<Input, Who>): Promise<RouteReply<z.output<Body>>> | RouteReply<z.output<Body>>;
}

/** Keeps the types of one route together and then forgets them, so that routes of all shapes fit into one table. */
export function defineRoute<const Input extends InputSchemas, Body extends Schema, Who extends Access>(
  route: Route<Input, Body, Who>,
): Route {
  return route as unknown as Route;
}
