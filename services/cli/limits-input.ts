import { nearestName } from '../../shared/config/nearest-name.ts';
import type { CapacityPatch } from '../../shared/protocol/client/api-client.ts';
import { type Limits, limitsSchema } from '../../shared/protocol/http.ts';
import { UsageError } from './usage-error.ts';

const NAMES = Object.keys(limitsSchema.shape) as (keyof Limits)[];

/** `max_users=50 queue_max=500` as a change of limits. Throws {@link UsageError} for an unknown name or a value out of bounds. */
export function parseLimits(assignments: readonly string[]): CapacityPatch {
  const hint = `Limits: ${NAMES.join(', ')}.`;
  if (assignments.length === 0) throw new UsageError('Say which limit to set, such as max_workflows=20.', hint);
  const patch: Partial<Record<keyof Limits, number>> = {};
  for (const assignment of assignments) {
    const [given = '', text] = splitOnce(assignment);
    const name = NAMES.find((candidate) => candidate === given);
    if (name === undefined)
      throw new UsageError(`There is no limit "${given}"; did you mean ${nearestName(given, NAMES)}?`, hint);
    patch[name] = parseLimit(name, text);
  }
  return patch;
}

function parseLimit(name: keyof Limits, text: string | undefined): number {
  if (text === undefined || text.trim() === '') throw new UsageError(`${name} needs a value: ${name}=<number>.`);
  const schema = limitsSchema.shape[name];
  const parsed = schema.safeParse(Number(text));
  if (parsed.success) return parsed.data;
  const { minValue, maxValue } = schema;
  const kind = name === 'queue_timeout_seconds' ? 'number' : 'whole number';
  throw new UsageError(`${name} must be a ${kind} from ${minValue} to ${maxValue}, not "${text}".`);
}

function splitOnce(assignment: string): [string, string | undefined] {
  const at = assignment.indexOf('=');
  return at < 0 ? [assignment, undefined] : [assignment.slice(0, at), assignment.slice(at + 1)];
}
