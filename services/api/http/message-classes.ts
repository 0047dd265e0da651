import { IncomingMessage, type ServerOptions, ServerResponse } from 'node:http';
import type { Express } from 'express';

/**
 * Classes for `http.createServer` whose instances already have the prototypes of `app`.
 *
 * Express gives every request and response the prototypes `app.request` and `app.response` when it takes them over. Changing
 * the prototype of a live object makes V8 forget the shape of it, and with that everything optimised for that shape,
 * inside node:http too: measured, that is 50 to 60 of the 80 to 90 µs of an Express request. On objects born with the right prototypes the
 * change is none and costs nothing (docs/decisions/0007-http-hot-path.md).
 */
export function messageClasses(app: Express): Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype as typeof app.request;
  app.response = AppResponse.prototype as unknown as typeof app.response;
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}
