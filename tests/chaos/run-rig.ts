import { setTimeout as delay } from 'node:timers/promises';
import { LEASES } from '../../redis/leases.ts';
import { answers } from '../../services/local/cluster/node-program.ts';
import { Stage } from '../support/cluster/stage.ts';
import { testDir } from '../support/test-run.ts';
import { until } from '../support/until.ts';
import { FINAL } from './check/ends.ts';
import { Clocks } from './clocks/clocks.ts';
import { DataDisk } from './disk/data-disk.ts';
import type { Evidence } from './evidence/evidence.ts';
import { Journal } from './evidence/journal.ts';
import { lookAtRest } from './evidence/look-at-rest.ts';
import { storedCheckpoints, storedRuns } from './evidence/stored.ts';
import { type FaultKind, HANDS, type Hand } from './faults/plan.ts';
import { runHand } from './faults/run-hand.ts';
import { Links } from './links/links.ts';
import type { ChaosOptions } from './options.ts';
import type { Scene } from './scene.ts';
import { fulfil, type World } from './workload/fulfil.ts';
import { Visitor } from './workload/visitor.ts';
import { type Wish, WORKFLOW_KINDS, wishesOf } from './workload/wish.ts';
import { stepsOf } from './workload/workflows.ts';

const USERS = 24;
/** At the pace of 1. */
const SLOTS = 10;
/** Wishes under way at once, so that an outage does not bury the machine. */
const MOST_UNDER_WAY = 300;
/** After the last fault, for whatever still runs or waits (ms). */
const ENDED_WITHIN_MS = 90_000;
/** For leases to run out and counts to be right (ms): one lease, and the seconds in which somebody looks. */
const REST_MS = LEASES.user.lengthMs + 5_000;

const SETTINGS = {
  // Below the level at which everything is queued: then nobody would take the short way to a slot.
  WEIR_MAX_USERS: '40',
  WEIR_SHUTDOWN_GRACE_SECONDS: '5',
};

/** Breaks a cluster while a crowd uses it; resolves to everything that was seen. `tell` gets a line per event. */
export async function runRig(options: ChaosOptions, tell: (line: string) => void, keep: (logDir: string) => void) {
  const slots = SLOTS * options.pace;
  const links = new Links();
  const journal = await Journal.open(links);
  const clocks = await Clocks.open(testDir('clocks'));
  const stage = await Stage.open({
    settings: { ...SETTINGS, WEIR_MAX_WORKFLOWS: String(slots) },
    durable: true,
    standby: true,
    portSeenBy: links.portSeenBy,
    settingsOf: (replica) => clocks.environmentOf(replica),
  });
  const disk = options.without.includes('postgres-disk-full') ? null : await DataDisk.open(stage.cluster);
  if (disk === null) tell('Left out: postgres-disk-full (needs root, mkfs.ext4 and "unshare --mount").');
  const without: FaultKind[] = disk === null ? [...options.without, 'postgres-disk-full'] : [...options.without];
  const scene: Scene = { stage, cluster: stage.cluster, links, clocks, disk };
  const evidence: Evidence = {
    slotLimit: slots,
    leaseMs: LEASES.slot.lengthMs,
    starts: [],
    answers: [],
    sockets: [],
    runs: [],
    checkpoints: [],
    effects: journal.effects,
    faults: [],
    rest: [],
  };
  // Postgres was restarted on its disk.
  for (const { id, url } of stage.cluster.replicas)
    await until(() => answers(`${url}/ready`), { timeoutMs: 30_000, what: `${id} to be ready` });
  const visitors = await Promise.all(
    Array.from({ length: USERS }, (_, n) => Visitor.enter(stage.cluster, `user-${n + 1}`, evidence.sockets)),
  );
  const connected = () => visitors.filter(({ isLive }) => isLive).length;
  try {
    const world = await worldOf(stage, journal, evidence);
    await until(() => connected() === USERS, { timeoutMs: 20_000, what: 'all users to be connected' });
    tell(`Cluster up, ${USERS} users connected.`);

    const ending = new AbortController();
    const hands = (Object.keys(HANDS) as Hand[]).map((hand) =>
      runHand(scene, {
        hand,
        seed: options.seed,
        without,
        signal: ending.signal,
        tell: (story) => {
          evidence.faults.push(story);
          tell(`fault ${evidence.faults.length}: ${story.name}, for ${story.mendedAt - story.appliedAt} ms`);
        },
      }),
    );
    const broken = Promise.all(hands);
    const crowd = sendAll(
      wishesOf(options.seed, { count: options.runs, users: USERS, pace: options.pace }),
      visitors,
      world,
    );
    await Promise.race([crowd, broken.then(() => crowd)]);
    ending.abort();
    await broken;
    tell('All wishes sent, everything mended.');

    for (const visitor of visitors) visitor.hurry();
    const open = async () => (await storedRuns(stage.record)).filter(({ status }) => !FINAL.includes(status));
    await until(async () => (await open()).length === 0, { timeoutMs: ENDED_WITHIN_MS, what: 'all runs to end' }).catch(
      (error: Error) => tell(error.message),
    );
    await until(() => connected() === USERS, { timeoutMs: 45_000, what: 'all users to be back' }).catch(
      (error: Error) => tell(error.message),
    );
    const lastFault = Math.max(0, ...evidence.faults.map(({ healedAt }) => healedAt));
    await delay(Math.max(0, lastFault + LEASES.user.lengthMs - Date.now()));
    evidence.rest.push(await lookAtRest(stage, connected, REST_MS));
    evidence.runs = await storedRuns(stage.record);
    evidence.checkpoints = await storedCheckpoints(stage.record);
    // What sockets do while everything is torn down is nobody's story.
    return structuredClone(evidence);
  } finally {
    keep(stage.cluster.logDir);
    await Promise.all(visitors.map((visitor) => visitor.close()));
    await disk?.close();
    await stage.close();
    await journal.close();
    await links.close();
  }
}

async function worldOf(stage: Stage, journal: Journal, { starts, answers }: Evidence): Promise<World> {
  const ids = new Map<string, string>();
  for (const kind of WORKFLOW_KINDS) {
    // A busy machine may be too slow for the patience of the service, which is no fault of anybody yet.
    const store = () => stage.workflow(kind, ...stepsOf(kind, journal));
    ids.set(kind, await until(store, { timeoutMs: 60_000, what: `workflow "${kind}" to be stored` }));
  }
  await fetch(`${stage.cluster.simulator.url}/primary/control`, {
    method: 'PUT',
    body: JSON.stringify({ first_token_ms: 50, tokens_per_second: 100, tokens: 40 }),
  });
  const { cluster } = stage;
  const doors = [{ id: 'nginx', url: cluster.nginxUrl }, ...cluster.replicas.map(({ id, url }) => ({ id, url }))];
  return { doors, workflowId: ({ workflow }) => ids.get(workflow) ?? '', starts, answers };
}

async function sendAll(wishes: readonly Wish[], visitors: readonly Visitor[], world: World): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (const wish of wishes) {
    await delay(wish.pauseMs);
    while (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    const visitor = visitors[wish.user];
    if (visitor === undefined) continue;
    const work = fulfil(wish, visitor, world).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
}
