/**
 * Weir beside queue engines, on the same Redis and Postgres, each with its producer and its workers in this process. Engines take turns; each
 * turn has an empty queue of its own. Jobs do nothing, or wait for 20 ms where slots change hands.
 *
 * What is compared is what each promises by itself: BullMQ's accepted jobs are on disk within a second ("fsync": before it answers), the others'
 * before they answer. BullMQ holds its limit in the whole cluster (`setGlobalConcurrency`), as Weir does; pg-boss and graphile-worker hold
 * theirs in a process. Only Weir tells the owner of a run of its place, and stores steps.
 *
 * `node --import tsx loadtests/bench/engines.ts [rounds] [waiting, of: 100,10000,1000000] [engines, separated by commas]`
 */
import { type BenchServers, withServers } from './bench-servers.ts';
import { openBullmq, openDurableBullmq } from './engines/bullmq-engine.ts';
import type { OpenEngine } from './engines/engine.ts';
import { openGraphile } from './engines/graphile-engine.ts';
import { openPgBoss } from './engines/pg-boss-engine.ts';
import { type Figures, SCENARIOS, type Scenario, withWaiting } from './engines/scenarios.ts';
import { openWeir } from './engines/weir-engine.ts';
import { median, row } from './figures.ts';

const [ROUNDS = 3] = process.argv.slice(2, 3).map(Number);
const WAITING = (process.argv[3] ?? '100,10000').split(',').map(Number);
const ENGINES: Record<string, OpenEngine> = {
  weir: openWeir,
  bullmq: openBullmq,
  'bullmq, fsync': openDurableBullmq,
  'pg-boss': openPgBoss,
  graphile: openGraphile,
};
const CHOSEN = process.argv[4]?.split(',') ?? Object.keys(ENGINES);
const WIDTH = 14;

/** One engine's turn at one scenario. */
async function turn(servers: BenchServers, open: OpenEngine, scenario: Scenario): Promise<Figures> {
  const engine = await open(servers, scenario.workMs);
  try {
    return await scenario.measure(engine);
  } finally {
    await engine.close();
  }
}

function report({ judged, better }: Scenario, turns: Record<string, Figures[]>): void {
  const of = (engine: string, unit: string) =>
    median((turns[engine] ?? []).map((figures) => figures[unit] ?? Number.NaN));
  for (const [engine, rounds] of Object.entries(turns)) {
    const units = Object.keys(rounds[0] ?? {});
    const ratio = better === 'more' ? of('weir', judged) / of(engine, judged) : of(engine, judged) / of('weir', judged);
    const figures = Object.fromEntries(units.map((unit) => [unit, of(engine, unit)]));
    console.log(row(engine.padEnd(WIDTH), engine === 'weir' ? figures : { ...figures, 'weir ahead ×': ratio }));
  }
}

await withServers(async (servers) => {
  for (const scenario of [...SCENARIOS, ...WAITING.map(withWaiting)]) {
    const turns: Record<string, Figures[]> = Object.fromEntries(CHOSEN.map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of CHOSEN) {
        const open = ENGINES[name];
        if (open === undefined)
          throw new Error(`no engine is called ${name}; known: ${Object.keys(ENGINES).join(', ')}`);
        turns[name]?.push(await turn(servers, open, scenario));
      }
    }
    console.log(`\n${scenario.name} (medians of ${ROUNDS} turns)`);
    report(scenario, turns);
  }
});
