import { UsageError } from '../../services/local/usage-error.ts';
import { isProfile, PROFILES } from '../profiles/profiles.ts';
import { REGIONS, type Region } from './regions.ts';

export interface LoadOptions {
  scenario: string;
  /** null: the local cluster of this clone. Without a slash at the end. */
  target: string | null;
  timeScale: number;
  /** null: as many as the profile says. */
  users: number | null;
  regions: readonly Region[];
  /** Processes that play users. */
  workers: number;
  /** 0: a free one. */
  metricsPort: number;
  /** Leave the limits of the cluster as they are. */
  keepLimits: boolean;
}

const STORY = 'story';
const MOST_USERS = 20_000;

/** Reads what was given to `make load`. A wrong value throws a {@link UsageError} with one sentence. */
export function readLoadOptions(environment: NodeJS.ProcessEnv): LoadOptions {
  const scenario = environment.SCENARIO || 'smoke';
  if (!isProfile(scenario) && scenario !== STORY)
    throw new UsageError(`There is no scenario "${scenario}". Known: ${[...Object.keys(PROFILES), STORY].join(', ')}.`);
  return {
    scenario,
    target: targetOf(environment),
    timeScale: number('TIME_SCALE', environment.TIME_SCALE, 0.001, 10) ?? 1,
    users: number('USERS', environment.USERS, 1, MOST_USERS),
    regions: regionsOf(environment.REGIONS),
    workers: number('WORKERS', environment.WORKERS, 1, 64) ?? 1,
    metricsPort: number('METRICS_PORT', environment.METRICS_PORT, 1, 65_535) ?? 0,
    keepLimits: environment.KEEP_LIMITS === '1',
  };
}

/** Load is something one does to oneself: a target elsewhere has to be meant. */
function targetOf({ TARGET, ALLOW_REMOTE }: NodeJS.ProcessEnv): string | null {
  if (TARGET === undefined || TARGET === '') return null;
  const url = URL.canParse(TARGET) ? new URL(TARGET) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`TARGET must be an http or https address, not "${TARGET}".`);
  if (!isLoopback(url.hostname) && ALLOW_REMOTE !== '1')
    throw new UsageError(`${url.host} is another machine. If you may put load on it, say so: ALLOW_REMOTE=1.`);
  return url.origin;
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function number(name: string, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined || text === '') return null;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const isWhole = name === 'TIME_SCALE' || Number.isInteger(value);
  if (value >= min && value <= max && isWhole) return value;
  throw new UsageError(
    `${name} must be a ${name === 'TIME_SCALE' ? '' : 'whole '}number from ${min} to ${max}, not "${text}".`,
  );
}

function regionsOf(text: string | undefined): readonly Region[] {
  if (text === undefined || text === '') return [{ name: 'local', rttMs: 0 }];
  return text.split(',').map((name) => {
    const known = REGIONS.find((region) => region.name === name.trim());
    if (known === undefined)
      throw new UsageError(`There is no region "${name}". Known: ${REGIONS.map((region) => region.name).join(', ')}.`);
    return known;
  });
}
