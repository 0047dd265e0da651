import { JOURNAL, WORKERS } from '../links/links.ts';
import type { Weather } from '../links/weather.ts';
import type { Scene } from '../scene.ts';
import { between, type Fault } from './fault.ts';
import type { FaultKind, PlannedFault } from './plan.ts';

/** Which two parts, of the replica that the plan names. */
const ENDS: Record<string, (replica: string) => { from: string; to: string }> = {
  redis: (replica) => ({ from: replica, to: 'redis' }),
  postgres: (replica) => ({ from: replica, to: 'postgres' }),
  nginx: (replica) => ({ from: 'nginx', to: replica }),
  model: (replica) => ({ from: replica, to: 'llm-sim' }),
  webhook: () => ({ from: WORKERS, to: JOURNAL }),
  standby: () => ({ from: 'standby', to: 'primary' }),
};
/** What such a line belongs to, where it is no replica. */
const TARGETS: Record<string, string> = { webhook: JOURNAL, standby: 'standby' };

/** Mean delay of one piece (ms): from another room to another continent, and beyond what a command may take. */
const SLOW_MS = { least: 10, most: 700 };

/** `link-redis-cut` and the like: what passes between two parts is late, lost, held or refused. */
export function linkFault(
  { stage, links }: Scene,
  planned: PlannedFault & { kind: LinkFaultKind },
  holdMs: number,
): Fault {
  const [, link = '', what = ''] = planned.kind.split('-');
  const replica = stage.replica(planned.replica + 1).id;
  const ends = ENDS[link]?.(replica);
  if (ends === undefined) throw new Error(`${planned.kind} is between nothing`);
  const { from, to } = ends;
  const weather = weatherOf(what, planned.length);
  const how = weather.kind === 'slow' ? `slow by ${weather.ms} ms` : weather.kind;
  return {
    name: `${from} → ${to} ${how}`,
    target: TARGETS[link] ?? replica,
    holdMs,
    apply: () => links.set(from, to, weather),
    heal: () => links.mend(from, to),
  };
}

export type LinkFaultKind = Extract<FaultKind, `link-${string}`>;

function weatherOf(what: string, length: number): Weather {
  if (what === 'slow') return { kind: 'slow', ms: between(SLOW_MS.least, SLOW_MS.most, length) };
  if (what === 'lossy' || what === 'cut' || what === 'refused') return { kind: what };
  throw new Error(`There is no weather "${what}".`);
}
