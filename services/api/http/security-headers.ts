import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * An API answer is data: no page may frame it, embed it or run anything from it. What is only about pages, about browsers
 * of the past, or about TLS (which ends in front of us, and whose owner decides about HSTS) is left out.
 */
export const API_POLICY: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  crossOriginEmbedderPolicy: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: { action: 'deny' },
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
};

/** Keeps what is set on it, with the names as they were written. */
class HeaderRecorder extends ServerResponse {
  readonly pairs: string[] = [];

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.pairs.push(name, String(value));
    return this;
  }
}

/**
 * The headers helmet sets under `options`, as `[name, value, …]` for `writeHead`. They never vary by request, so helmet
 * runs once at start instead of per request (5 µs; docs/decisions/0007-http-hot-path.md).
 */
export function securityHeaders(options: HelmetOptions): string[] {
  const request = new IncomingMessage(new Socket());
  const recorder = new HeaderRecorder(request);
  helmet(options)(request, recorder, (error?: unknown) => {
    if (error !== undefined) throw error;
  });
  return recorder.pairs;
}
