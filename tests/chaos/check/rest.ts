import type { Evidence } from '../evidence/evidence.ts';
import type { Violation } from './violation.ts';

/** Looks at rest begin one lease after the last fault, so each of them must be right. */
export function checkRest({ rest }: Evidence): Violation[] {
  const violation = (about: string): Violation => ({ promise: 'users', about });
  if (rest.length === 0) return [violation('nobody looked at the cluster at rest')];
  return rest.flatMap(({ at, counted, connected, drift, slots }) => [
    ...(counted === connected
      ? []
      : [violation(`at ${at} the cluster counted ${counted} users, ${connected} were connected`)]),
    ...(drift === 0 ? [] : [violation(`at ${at} lease_drift was ${drift}`)]),
    ...(slots === 0 ? [] : [violation(`at ${at} ${slots} slots were held by nobody`)]),
  ]);
}
