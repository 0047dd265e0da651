import type { Step } from '../../../shared/workflow/definition.ts';
import { delayStep } from '../cluster/stage.ts';
import { until } from '../until.ts';
import type { Scene } from './scene.ts';

const ASK: Step = { name: 'ask', type: 'llm', config: { prompt: 'Say hello', timeout_seconds: 20 } };
const CALL: Step = { name: 'call', type: 'webhook', config: { url: 'http://not-allowed.example/', method: 'POST' } };

/** A workflow that asks a model. */
export function greets(scene: Scene): Promise<string> {
  return scene.workflow('greets', ASK);
}

/** Users from `from + 1` to `to`, connected until the stage ends. */
export async function usersConnect(scene: Scene, from: number, to: number): Promise<void> {
  for (let n = from + 1; n <= to; n++) await scene.stage.person(`listener-${n}`).listen().live();
}

/** Each a problem document with another code. */
export async function wrongRequests({ stage }: Scene): Promise<void> {
  const { nginxUrl } = stage.cluster;
  await fetch(`${nginxUrl}/api/v1/runs`);
  await fetch(`${nginxUrl}/api/v1/nothing-here`);
  await stage.person('curious').start({ workflow_id: '01890000-0000-7000-8000-000000000000' });
  await stage.person('hasty').start({ workflow_id: 'not an id' });
}

/** Somebody tells everybody that something is wrong. */
export async function incident(scene: Scene): Promise<void> {
  const { cluster } = scene.stage;
  const body = { title: 'Slow answers', impact: 'minor', components: ['models'], message: 'We look into it.' };
  const opened = await fetch(`${cluster.nginxUrl}/api/v1/admin/incidents`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await cluster.token('root', 'admin')}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (opened.status !== 201) throw new Error(`not opened: ${await opened.text()}`);
  await scene.seen('max(weir_incidents_open)', (value) => value > 0);
}

/** Runs that succeed, fail and are cancelled. */
export async function endings(scene: Scene): Promise<void> {
  const { stage } = scene;
  const asks = await greets(scene);
  const calls = await scene.workflow('calls', CALL);
  const rests = await scene.workflow('rests', delayStep('rest', 60));
  const cancelled = await scene.start('fickle', rests);
  await until(() => stage.person('fickle').api().cancel(cancelled), {
    timeoutMs: 30_000,
    what: 'a run to be cancelled',
  });
  const failing = await scene.start('author', calls);
  const succeeding = await Promise.all([1, 2, 3].map((n) => scene.start(`writer-${n}`, asks)));
  await scene.ended(failing, ...succeeding);
}

/** Reads of one run at one replica until Prometheus has seen some with this outcome (`hit`, `bypass`), and how many a second. */
export async function readsOfARun(scene: Scene, runId: string, reader: string, outcome: string): Promise<void> {
  const headers = { Authorization: `Bearer ${await scene.stage.cluster.token(reader)}` };
  const read = () => fetch(`${scene.stage.replica(1).url}/api/v1/runs/${runId}`, { headers });
  await scene.seen(`sum(rate(weir_cache_requests_total{cache="run",outcome="${outcome}"}[20s]))`, async (value) => {
    await read();
    return value > 0;
  });
}

/** More runs than slots, so that some wait and are served, some wait in vain, and some are refused. */
export async function fullQueue(scene: Scene): Promise<void> {
  const { stage } = scene;
  const naps = await scene.workflow('naps', delayStep('nap', 2));
  const sleeps = await scene.workflow('sleeps', delayStep('sleep', 7));
  await scene.ended(...(await Promise.all([1, 2, 3, 4, 5, 6].map((n) => scene.start(`patient-${n}`, naps)))));
  const holding = await Promise.all([1, 2, 3, 4].map((n) => scene.start(`sleeper-${n}`, sleeps)));
  // For one user, whose queue holds five, then more than the queue of all holds; again, until it was seen: replicas look every few seconds.
  await scene.seen('max(max_over_time(weir_queue_oldest_seconds[1m]))', async (value) => {
    for (let n = 0; n < 6; n++) await stage.person('greedy').start({ workflow_id: naps });
    for (let n = 0; n < 5; n++) await stage.person(`late-${n}`).start({ workflow_id: naps });
    return value > 0;
  });
  await scene.seen('sum(weir_runs_finished_total{status="timed_out"})', (value) => value > 0);
  await scene.ended(...holding);
}
