import type { LocalCluster } from '../../../services/local/local-cluster.ts';
import { ApiClient } from '../../../shared/protocol/client/api-client.ts';
import { wait } from '../../../shared/protocol/client/wait.ts';
import type { Sample } from '../../measure/sample.ts';
import { scaled } from '../../profiles/profile.ts';
import { PROFILES } from '../../profiles/profiles.ts';
import { cast, WORKFLOWS } from '../../run/assignments.ts';
import { limitsFor } from '../../run/limits.ts';
import { liveAs } from '../../users/arrive.ts';
import { Reporter } from '../../users/reporter.ts';

/** Of the profile's five minutes. */
const TIME_SCALE = 0.2;
/** How long the ends of runs are waited for after somebody's time is over (ms). */
const GRACE_MS = 15_000;
const WATCH_EVERY_MS = 1_000;
const WATCHED_SECONDS = 20;

export interface Mix {
  cluster: LocalCluster;
  admin: ApiClient;
  workflows: { quick: string; model: string; long: string };
}

export async function prepareMix(cluster: LocalCluster, users: number): Promise<Mix> {
  const token = await cluster.token('bench', 'admin');
  const admin = new ApiClient({ baseUrl: cluster.nginxUrl, token: () => token });
  await admin.patchCapacity({ ...limitsFor(users), max_workflows: 2 * users });
  const [quick, model, long] = await Promise.all([
    admin.createWorkflow(WORKFLOWS.quick),
    admin.createWorkflow(WORKFLOWS.model),
    admin.createWorkflow(WORKFLOWS.long),
  ]);
  return { cluster, admin, workflows: { quick: quick.id, model: model.id, long: long.id } };
}

/** The users of the load tests' scenario `baseline`, shortened, through Nginx. Answers what they did and what went wrong for them. */
export async function liveTheMix({ cluster, workflows }: Mix, users: number) {
  const profile = scaled(PROFILES.baseline, TIME_SCALE, users);
  const seen = { requests: 0, faults: new Map<string, number>() };
  const reporter = new Reporter((sample: Sample) => {
    if (sample.kind === 'request') seen.requests += 1;
    if (sample.kind === 'fault') seen.faults.set(sample.detail, (seen.faults.get(sample.detail) ?? 0) + 1);
  });
  const beganAt = Date.now();
  const { assign } = cast({
    prefix: 'mix',
    profile,
    access: { url: cluster.nginxUrl, isLocal: true, token: (userId, role) => cluster.token(userId, role) },
    regions: [{ name: 'local', rttMs: 0 }],
    workflows,
    beganAt,
    graceMs: GRACE_MS,
    spreadAddresses: process.platform === 'linux',
  });
  const [wave] = profile.waves;
  const gapMs = ((wave?.arriveOver ?? 1) * 1_000) / users;
  await Promise.all(
    Array.from({ length: users }, async (_, n) => {
      await wait(n * gapMs);
      await liveAs(await assign(), reporter);
    }),
  );
  return seen;
}

/** Programs without a socket: each starts a run that lasts, and asks for it every second. Answers how many times they asked. */
export async function watchByAsking({ cluster, workflows }: Mix, watchers: number): Promise<number> {
  let asked = 0;
  await Promise.all(
    Array.from({ length: watchers }, async (_, n) => {
      const token = await cluster.token(`watcher-${n}`);
      const api = new ApiClient({ baseUrl: cluster.nginxUrl, token: () => token });
      await wait((n * WATCH_EVERY_MS) / watchers);
      const { run_id } = await api.trigger({ workflow_id: workflows.long, payload: {} });
      for (let second = 0; second < WATCHED_SECONDS; second++) {
        await api.getRun(run_id);
        asked += 1;
        await wait(WATCH_EVERY_MS);
      }
      await api.cancel(run_id).catch(() => {});
    }),
  );
  return asked;
}

/** Cancels runs through one replica and reads each through all at once. Answers how many answers showed what was before. */
export async function contradictions({ cluster, workflows }: Mix, runs: number): Promise<number> {
  const token = await cluster.token('canceller');
  const [first, ...others] = cluster.replicas.map(({ url }) => new ApiClient({ baseUrl: url, token: () => token }));
  if (first === undefined) throw new Error('a cluster without replicas');
  let stale = 0;
  for (let n = 0; n < runs; n++) {
    const { run_id } = await first.trigger({ workflow_id: workflows.long, payload: {} });
    for (const api of [...others, ...others]) await api.getRun(run_id);
    await first.cancel(run_id);
    const shown = await Promise.all([first, ...others].map((api) => api.getRun(run_id)));
    stale += shown.filter(({ status }) => status !== 'cancelled').length;
  }
  return stale;
}
