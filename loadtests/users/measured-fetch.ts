import { wait } from '../../shared/protocol/client/wait.ts';
import type { Outcome } from '../measure/sample.ts';
import type { Reporter } from './reporter.ts';

const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;

/** `POST /api/v1/runs/:id/cancel`: bounded, whatever is asked for. */
export function routeOf(method: string, url: string): string {
  return `${method} ${new URL(url).pathname.replace(ID, ':id')}`;
}

/** Refused is what the server may do when it has too much: it says so and when to come back. 409: too late, which is nobody's mistake. */
export function outcomeOf(status: number, retryAfter: string | null): Outcome {
  if (status < 400 || status === 409) return 'ok';
  return (status === 429 || status === 503) && retryAfter !== null ? 'refused' : 'failed';
}

/** The platform's fetch as somebody in a region has it; each attempt is one sample. */
export function measuredFetch(reporter: Reporter, region: { name: string; rttMs: number }): typeof fetch {
  return async (input, init) => {
    const route = routeOf(init?.method ?? 'GET', String(input));
    if (region.rttMs > 0) await wait(region.rttMs / 2);
    const begun = performance.now();
    const report = (status: number, outcome: Outcome) =>
      reporter.add({
        kind: 'request',
        at: Date.now(),
        ms: performance.now() - begun,
        addedMs: region.rttMs,
        route,
        status,
        outcome,
        region: region.name,
      });
    try {
      const response = await fetch(input, init);
      report(response.status, outcomeOf(response.status, response.headers.get('Retry-After')));
      if (region.rttMs > 0) await wait(region.rttMs / 2);
      return response;
    } catch (error) {
      report(0, 'failed');
      throw error;
    }
  };
}
