import type { Confidence, Incident, SystemStatus } from '../../../../shared/protocol/http.ts';

const STATUS_WORDS: Record<Incident['status'], string> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  scheduled: 'Scheduled',
  in_progress: 'In progress',
  completed: 'Completed',
};

export function statusWord(status: Incident['status']): string {
  return STATUS_WORDS[status];
}

export const HEADLINES: Record<SystemStatus['status'], string> = {
  Healthy: 'All systems are working',
  Degraded: 'Some systems are degraded',
  Down: 'The service is down',
};

export const COMPONENT_WORDS = { operational: 'Working', degraded: 'Degraded', down: 'Down' } as const;

const SURENESS: Record<Confidence, string> = { high: '', medium: ', probably', low: ', perhaps' };

/** `14:02 UTC`, with the day when it is another one than that of `now`. */
export function clock(iso: string, now: string): string {
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 16)];
  return day === now.slice(0, 10) ? `${time} UTC` : `${time} UTC on ${day}`;
}

export function expectation(at: string | null, sure: Confidence | null, now: string): string {
  if (at === null) return 'When it will be over is not known yet.';
  return `Expected to be over at ${clock(at, now)}${SURENESS[sure ?? 'low']}.`;
}

/** Never more than is so: 99.999 % is not 100 %. */
export function percent(ratio: number | null): string {
  if (ratio === null) return 'not known';
  return `${(Math.floor(ratio * 10_000) / 100).toFixed(2)} %`;
}
