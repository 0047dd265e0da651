/** Writes docs/errors.md, docs/openapi.json and docs/operations/metrics.md from the code; `--check` only says whether they are stale. */
import { generateFiles } from '../../../shared/config/generated-files.ts';
import { PACKAGE_VERSION } from '../../../shared/config/package.ts';
import { ERROR_CATALOGUE } from '../../../shared/errors/catalogue.ts';
import { metricsPage } from './metrics-page.ts';
import { openApiDocument } from './openapi.ts';
import { type PublicRoutesDeps, publicRoutes } from './public-routes.ts';

function errorsPage(): string {
  const rows = Object.entries(ERROR_CATALOGUE)
    .sort(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, title, detail }]) => `| \`${code}\` | ${status} | ${title} | ${detail} |`);
  return [
    '# Errors',
    '',
    'Every error a client can meet. Generated from `shared/errors/catalogue.ts` (`npm run generate`).',
    '',
    'An error is an RFC 9457 problem document (`application/problem+json`) with a stable `code`, a `detail` for people and the',
    '`correlation_id` that finds the request in the logs; `trace_id`, where there is a trace. `validation_failed` names every field in `errors[]`. With 429 and 503',
    '`Retry-After` (and `retry_after_seconds`) says when a repeat has a chance; it differs by up to 20 % between clients, so that they',
    'do not come back together. After a 5xx answer to a start, repeat it with the same `Idempotency-Key`.',
    '',
    '| code | status | title | what it tells |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function openApi(): string {
  // Described, not served: nothing of what the routes would call is needed.
  const nothing = { version: PACKAGE_VERSION, admission: {}, caches: {}, chat: {}, database: {} } as PublicRoutesDeps;
  return `${JSON.stringify(openApiDocument(publicRoutes(nothing), PACKAGE_VERSION), null, 2)}\n`;
}

generateFiles({
  'docs/errors.md': errorsPage(),
  'docs/openapi.json': openApi(),
  'docs/operations/metrics.md': metricsPage(),
});
