import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';

/** An API answer is data: no page may frame it, embed it or run anything from it. */
export const API_POLICY: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  crossOriginEmbedderPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
};

/**
 * The headers helmet sets under `options`, as `[name, value, …]` for `writeHead`. They never vary by request, so helmet
 * runs once at start instead of per request (measured: see docs/decisions/0003-http-hot-path.md).
 */
export function securityHeaders(options: HelmetOptions): string[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, (error?: unknown) => {
    if (error !== undefined) throw error;
  });
  return response.getHeaderNames().flatMap((name) => [name, String(response.getHeader(name))]);
}
