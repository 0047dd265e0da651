import { healthAnswerSchema, readyAnswerSchema } from '../../../../shared/protocol/http.ts';
import type { DependencyCheck } from '../dependency-check.ts';
import type { Readiness } from '../readiness.ts';
import { defineRoute, type Route } from '../route.ts';

export interface HealthDeps {
  replica: string;
  version: string;
  readiness: Pick<Readiness, 'draining'>;
  dependencies: Pick<DependencyCheck, 'read'>;
}

/** Liveness and readiness; on the public and on the internal port. */
export function healthRoutes({ replica, version, readiness, dependencies }: HealthDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/health',
      tag: 'Service',
      summary: 'Is this process alive?',
      description: 'Asks nothing of anybody: a database that is away is no reason to restart a replica.',
      access: 'public',
      input: {},
      answer: { status: 200, description: 'Alive.', schema: healthAnswerSchema },
      handle: () => ({
        body: { status: 'ok' as const, replica, version, uptime_seconds: Math.round(process.uptime()) },
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/ready',
      tag: 'Service',
      summary: 'Can this replica serve?',
      description:
        'Not while it is stopping, and not without Postgres. Without Redis it can: starts are accepted and wait.',
      access: 'public',
      input: {},
      answer: { status: 200, description: 'Ready.', schema: readyAnswerSchema },
      otherAnswers: [{ status: 503, description: 'Not ready; `parts` says why.', schema: readyAnswerSchema }],
      async handle() {
        const parts = await dependencies.read();
        const ready = !readiness.draining && parts.postgres === 'up';
        const status = ready ? ('ready' as const) : ('not_ready' as const);
        return { status: ready ? 200 : 503, body: { status, replica, draining: readiness.draining, parts } };
      },
    }),
  ];
}
