import { Stage } from '../../support/cluster/stage.ts';
import { dataLost } from './data-lost.ts';
import type { Measurement } from './figure.ts';
import { leaderKilled } from './leader-killed.ts';
import { postgresRestarted } from './postgres-restarted.ts';
import { redisRestarted } from './redis-restarted.ts';
import { replicaKilled } from './replica-killed.ts';
import { rollingRestart } from './rolling-restart.ts';
import { standbyPromoted } from './standby-promoted.ts';
import { type Measured, tableOf } from './table.ts';

/** In the order in which they are measured. */
export const MEASUREMENTS = {
  'replica-killed': replicaKilled,
  'leader-killed': leaderKilled,
  'redis-restarted': redisRestarted,
  'redis-data-lost': dataLost,
  'postgres-restarted': postgresRestarted,
  'standby-promoted': standbyPromoted,
  'rolling-restart': rollingRestart,
} as const satisfies Record<string, Measurement>;

export type MeasurementKind = keyof typeof MEASUREMENTS;

/** Measures each kind so many times on a cluster of its own, and tells every value as it comes. Resolves to whether all held. */
export async function runFigures(
  kinds: readonly MeasurementKind[],
  times: number,
  tell: (line: string) => void,
): Promise<boolean> {
  const measured: Measured[] = [];
  for (const kind of kinds) {
    const measurement: Measurement = MEASUREMENTS[kind];
    const values = await measure(measurement, times, (n, found) => {
      const parts = Object.entries(found).map(([name, value]) => `${name} ${Math.round(value)}`);
      tell(`${kind} ${n}/${times}: ${parts.join(', ')}`);
    });
    const mine = Object.entries(measurement.figures).map(([name, figure]) => ({
      figure,
      values: values.map((found) => found[name] ?? Number.NaN),
    }));
    measured.push(...mine);
    // Also when a later kind is cut short.
    for (const line of tableOf(mine)) tell(line);
  }
  for (const line of ['', ...tableOf(measured)]) console.log(line);
  return measured.every(({ figure, values }) => values.every((value) => value <= figure.most));
}

async function measure(
  { stage: options, begin }: Measurement,
  times: number,
  told: (n: number, found: Record<string, number>) => void,
): Promise<Array<Record<string, number>>> {
  const stage = await Stage.open(options);
  try {
    const measuring = await begin(stage);
    const all: Array<Record<string, number>> = [];
    try {
      for (let n = 1; n <= times; n++) {
        const found = await measuring.once(n);
        all.push(found);
        told(n, found);
      }
    } finally {
      await measuring.end();
    }
    return all;
  } finally {
    await stage.close();
  }
}
