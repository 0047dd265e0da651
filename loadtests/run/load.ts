import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../services/local/usage-error.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { watchCluster } from '../measure/cluster-view.ts';
import { Collector } from '../measure/collector.ts';
import { openHub } from '../measure/hub.ts';
import { MetricsPage } from '../measure/metrics-page.ts';
import { type Summary, summarize } from '../measure/summary.ts';
import { type VitalsSource, watchVitals } from '../measure/vitals.ts';
import { artilleryScripts } from '../profiles/artillery-script.ts';
import { durationOf, mostUsers, type Profile } from '../profiles/profile.ts';
import type { Assignment } from '../users/assignment.ts';
import type { Access } from './access.ts';
import { runArtillery } from './artillery.ts';
import { type Cast, cast, WORKFLOWS } from './assignments.ts';
import { borrowLimits, limitsFor } from './limits.ts';
import { isLoopback, type LoadOptions } from './options.ts';
import type { ScrapeTarget } from './scrape-target.ts';

/** Points of the time line that a picture can show. */
const POINTS = 300;
/** Between two looks at the cluster (ms). */
const LOOK_EVERY_MS = 1_000;
/** Between two readings of memory and handles (ms): a page of metrics costs a replica some ms. */
const WEIGH_EVERY_MS = 5_000;
/** How long the end of a run is waited for after its user's time is over, and what everything together may take longer than planned (ms). */
const GRACE_MS = 30_000;
const OVERTIME_MS = 120_000;

export interface LoadRun {
  options: LoadOptions;
  /** Already at its time scale. */
  profile: Profile;
  access: Access;
  folder: string;
  scrape: ScrapeTarget;
  /** null: there is nothing to read. */
  vitals: VitalsSource | null;
  /** Ends it early; what was measured until then is reported. */
  signal: AbortSignal;
  progress(line: string): void;
}

/** One load test from the first user to the last. Leaves nothing behind but runs in the cluster and files in `folder`. */
export async function load(run: LoadRun): Promise<Summary> {
  const { options, profile, access, folder } = run;
  const prefix = `load-${randomBytes(4).toString('hex')}`;
  const adminToken = await access.token(`${prefix}-admin`, 'admin');
  const api = new ApiClient({ baseUrl: access.url, token: () => adminToken });
  const workflows = await createWorkflows(api);
  const over = new AbortController();
  const durationMs = durationOf(profile) * 1_000;
  const page = new MetricsPage(options.scenario);
  const secret = randomBytes(24).toString('base64url');
  // The first arrival begins the run: artillery needs some seconds before it.
  let running: { collector: Collector; crowd: Cast } | null = null;
  const begin = () => {
    const beganAt = Date.now();
    const collector = new Collector(beganAt, Math.max(1_000, durationMs / POINTS));
    const spreadAddresses = process.platform === 'linux' && isLoopback(new URL(access.url).hostname);
    const { regions } = options;
    return {
      collector,
      crowd: cast({ prefix, profile, access, regions, workflows, beganAt, graceMs: GRACE_MS, spreadAddresses }),
    };
  };
  const hub = await openHub({
    secret,
    port: options.metricsPort,
    assign: () => {
      running ??= begin();
      return running.crowd.assign();
    },
    take: (samples) => {
      for (const sample of samples) {
        page.add(sample);
        running?.collector.add(sample);
      }
    },
    metrics: () => page.read(),
  });
  // Not before: a run that could not begin leaves no folder that looks like one.
  mkdirSync(folder, { recursive: true });
  // From here on everything is taken back, whatever happens.
  const watchers: Array<Promise<void>> = [];
  let giveBack = async (): Promise<void> => {};
  try {
    if (!options.keepLimits)
      giveBack = await borrowLimits(api, limitsFor(mostUsers(profile)), join(folder, 'limits-before.json'));
    run.scrape.announce(hub.port);
    const { signal: end } = over;
    watchers.push(
      watchCluster({ api, isAdmin: true, everyMs: LOOK_EVERY_MS, signal: end }, (view) => {
        running?.collector.see(view);
        if (running !== null)
          run.progress(`${running.collector.users} users, level ${view.level}, ${view.queueLength} waiting`);
      }),
    );
    const { vitals: source } = run;
    if (source !== null)
      watchers.push(
        watchVitals({ source, everyMs: WEIGH_EVERY_MS, signal: end }, (at, vitals) =>
          running?.collector.weigh(at, vitals),
        ),
      );
    const bound = AbortSignal.timeout(durationMs + GRACE_MS + OVERTIME_MS);
    const signal = AbortSignal.any([run.signal, bound]);
    const hubUrl = `http://127.0.0.1:${hub.port}`;
    const codes = await Promise.all(
      artilleryScripts(profile, access.url, options.workers).map((script, n) =>
        runArtillery({ script, folder, name: n === 0 ? 'artillery' : `artillery-${n + 1}`, hubUrl, secret, signal }),
      ),
    );
    if (running === null && run.signal.aborted) throw new UsageError('Ended before anybody arrived.', 1);
    if (running === null)
      throw new Error(`Nobody arrived (artillery ended with ${codes}); see ${join(folder, 'artillery.log')}.`);
    const { collector, crowd }: { collector: Collector; crowd: Cast } = running;
    // Who is still there was ended with artillery: not by choice, unless the run was.
    if (collector.users > 0 && !run.signal.aborted)
      collector.add({ kind: 'fault', at: Date.now(), fault: 'user_failed', detail: `${collector.users} never left` });
    const { scenario, timeScale } = options;
    const endedAt = Date.now();
    return summarize(collector, {
      scenario,
      about: profile.about,
      target: access.url,
      timeScale,
      wantedUsers: mostUsers(profile),
      presence: crowd.presence(endedAt),
      endedAt,
    });
  } finally {
    over.abort();
    await Promise.all(watchers);
    run.scrape.retract();
    await hub.close();
    await giveBack();
  }
}

async function createWorkflows(api: ApiClient): Promise<Assignment['workflows']> {
  const [quick, model, long] = await Promise.all([
    api.createWorkflow(WORKFLOWS.quick),
    api.createWorkflow(WORKFLOWS.model),
    api.createWorkflow(WORKFLOWS.long),
  ]);
  return { quick: quick.id, model: model.id, long: long.id };
}
