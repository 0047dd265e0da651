import type { ErrorCode } from '../../../shared/errors/catalogue.ts';
import type { Route } from './route.ts';

/** Every code a route can answer with: what the door refuses by itself (serve-route.ts), then what the use case says. */
export function errorsOf(route: Route): ErrorCode[] {
  const { method, errors = [] } = route;
  // Of what changes nothing nobody has to ask whether it has happened.
  const unknown = method !== 'get' && errors.includes('storage_unavailable') ? (['outcome_unknown'] as const) : [];
  return [...new Set([...doorErrors(route), ...errors, ...unknown])];
}

function doorErrors({ input, access }: Route): ErrorCode[] {
  const { params, query, headers, body } = input;
  return [
    ...((params ?? query ?? headers ?? body) ? (['validation_failed'] as const) : []),
    ...(body === undefined ? [] : (['malformed_json', 'body_too_large', 'unsupported_media_type'] as const)),
    ...(access === 'public' ? [] : (['unauthenticated', 'user_rate_exceeded', 'identity_unavailable'] as const)),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
    'internal',
  ];
}
