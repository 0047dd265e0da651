/**
 * What typing costs everything else in a cluster that is full: 30 users at a limit of 25 (so comforts are off), in three chats of ten, on three replicas
 * behind Nginx. Rounds alternate between nobody types, everybody types as fast as people can, and everybody sends as many frames as a replica takes.
 * Meanwhile a few runs and messages a second are started and said.
 *
 * Run: from the request to start it to `WORKFLOW_COMPLETED` on its owner's socket. Chat: from the request to send it to `CHAT_MESSAGE` on the socket
 * of somebody else. `node --import tsx loadtests/bench/comforts.ts [rounds] [seconds]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LocalCluster } from '../../services/local/local-cluster.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { withCluster } from './bench-cluster.ts';
import { Ears, gather, makeChats, type User } from './comforts-users.ts';
import { median, quantile, row } from './figures.ts';
import { KEYS_PER_SECOND, type Typing } from './typists.ts';

const [ROUNDS = 12, SECONDS = 4] = process.argv.slice(2).map(Number);
const USERS = 30;
const CHATS = 3;
const RUNS_PER_SECOND = 8;
const MESSAGES_PER_SECOND = 20;
const MODES: readonly Typing[] = ['none', 'people', 'flood'];

interface Round {
  run: number[];
  chat: number[];
  framesPerSecond: number;
  /** Processor time of the three replicas together (s a second). */
  cpu: number;
}

let messages = 0;
let turn = 0;

async function measure(users: User[], workflowId: string, ears: Ears): Promise<Pick<Round, 'run' | 'chat'>> {
  const work: Promise<unknown>[] = [];
  const round = { run: [] as number[], chat: [] as number[] };
  const next = (): User => users[turn++ % USERS] as User;
  const run = async () => {
    const begun = performance.now();
    const { run_id } = await next().api.trigger({ workflow_id: workflowId });
    round.run.push((await ears.heard(run_id)) - begun);
  };
  const chat = async () => {
    const user = next();
    const name = `m-${++messages}`;
    const heard = ears.heard(name);
    const begun = performance.now();
    await user.api.chats.send(user.chat, { client_message_id: name, text: 'how is it going?' });
    round.chat.push((await heard) - begun);
  };
  const timers = [
    setInterval(() => work.push(run()), 1_000 / RUNS_PER_SECOND),
    setInterval(() => work.push(chat()), 1_000 / MESSAGES_PER_SECOND),
  ];
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  timers.forEach(clearInterval);
  await Promise.all(work);
  return round;
}

async function sum(cluster: LocalCluster, series: RegExp): Promise<number> {
  const pages = cluster.replicas.map(async ({ internalUrl }) => (await fetch(`${internalUrl}/metrics`)).text());
  const lines = (await Promise.all(pages)).flatMap((page) => page.split('\n')).filter((line) => series.test(line));
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

function report(sides: Record<Typing, Round[]>): void {
  const all = (mode: Typing, what: 'run' | 'chat') => sides[mode].flatMap((round) => round[what]);
  for (const mode of MODES) {
    const figures = Object.fromEntries(
      (['run', 'chat'] as const).flatMap((what) => [
        [`${what} p50 ms`, quantile(all(mode, what), 0.5)],
        [`${what} p95 ms`, quantile(all(mode, what), 0.95)],
      ]),
    );
    const middle = (key: 'framesPerSecond' | 'cpu') => median(sides[mode].map((round) => round[key]));
    console.log(row(mode, { ...figures, 'frames/s': Math.round(middle('framesPerSecond')), cores: middle('cpu') }));
  }
  for (const mode of ['people', 'flood'] as const) {
    const ratio = (what: 'run' | 'chat', share: number) =>
      quantile(all(mode, what), share) / quantile(all('none', what), share);
    const figures = { 'run p50 ×': ratio('run', 0.5), 'run p95 ×': ratio('run', 0.95) };
    console.log(row(mode, { ...figures, 'chat p50 ×': ratio('chat', 0.5), 'chat p95 ×': ratio('chat', 0.95) }));
  }
}

const SETTINGS = { WEIR_MAX_USERS: '25', WEIR_MAX_WORKFLOWS: '20', WEIR_DRAIN_PER_SECOND: '100' };

await withCluster(SETTINGS, async (cluster) => {
  const ears = new Ears();
  const admin = await cluster.token('root', 'admin');
  const steps = [{ name: 'wait', type: 'delay' as const, config: { duration: 0.05 } }];
  const { id } = await new ApiClient({ baseUrl: cluster.nginxUrl, token: () => admin }).createWorkflow({
    name: 'bench',
    steps,
  });
  const users = await gather(cluster, ears, USERS);
  await makeChats(users, CHATS, id);
  const path = join(PACKAGE_ROOT, 'loadtests/bench/typists.ts');
  const child = fork(path, { execArgv: ['--import', 'tsx'] });
  const order = async (message: object): Promise<number> => {
    child.send(message);
    const [sent] = await once(child, 'message');
    return Number(sent);
  };
  try {
    await order({ url: cluster.nginxUrl, typists: users.map(({ token, chat }) => ({ token, runId: chat })) });
    if ((await sum(cluster, /^weir_feature_enabled\{/)) !== 0) throw new Error('comforts are not off');
    await measure(users, id, ears);
    const sides: Record<Typing, Round[]> = { none: [], people: [], flood: [] };
    const before = await sum(cluster, /^weir_comforts_total\{.*outcome="off"/);
    let sent = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // The one that begins changes, so that none always has the warmer machine.
      const order3 = MODES.map((_, n) => MODES[(n + round) % MODES.length] as Typing);
      for (const typing of order3) {
        const begun = performance.now();
        const cpuBefore = await sum(cluster, /^process_cpu_seconds_total/);
        await order({ typing });
        const measured = await measure(users, id, ears);
        const frames = await order({ typing: 'none' });
        sent += frames;
        const seconds = (performance.now() - begun) / 1_000;
        const cpu = ((await sum(cluster, /^process_cpu_seconds_total/)) - cpuBefore) / seconds;
        sides[typing].push({ ...measured, framesPerSecond: frames / seconds, cpu });
      }
    }
    console.log(
      `${USERS} users at a limit of 25, ${ROUNDS} rounds of ${SECONDS} s each, alternating; people: ${KEYS_PER_SECOND} keys/s each; all rounds together`,
    );
    report(sides);
    const dropped = (await sum(cluster, /^weir_comforts_total\{.*outcome="off"/)) - before;
    console.log(row('door', { 'frames sent': sent, dropped }));
    console.log('wanted   people ≤ 1.2 × in all four');
  } finally {
    child.disconnect();
    await Promise.all(users.map(({ live }) => live.stop()));
  }
});
