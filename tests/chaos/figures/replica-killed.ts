import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { LEASES } from '../../../redis/leases.ts';
import type { ClusterReplica } from '../../../services/local/local-cluster.ts';
import { bearerEndpoint } from '../../../shared/protocol/client/bearer-endpoint.ts';
import { delayStep, type Stage } from '../../support/cluster/stage.ts';
import { until } from '../../support/until.ts';
import { whole } from './feeder.ts';
import type { Measurement } from './figure.ts';

const LISTENERS = 12;
/** Users who have a socket at the replica itself and do not come back. */
const GUESTS = 5;
/** Runs on the replica, and the most that are started so that so many are there. */
const RUNS = 3;
const MOST_RUNS = 120;
const WITHIN = { timeoutMs: 60_000 };

export const replicaKilled: Measurement = {
  figures: {
    runs: { about: 'replica killed → its runs go on elsewhere', unit: 'ms', most: 17_000 },
    users: { about: 'replica killed → its users are gone from the count', unit: 'ms', most: 15_000 },
    sockets: { about: 'replica killed → its sockets are resumed elsewhere', unit: 'ms', most: 3_000 },
  },
  stage: {
    durable: true,
    settings: {
      WEIR_MAX_WORKFLOWS: '500',
      WEIR_MAX_USERS: '500',
      // So that listeners can come from many networks, and be spread by ip_hash.
      WEIR_NGINX_TRUSTED_PROXY: '127.0.0.1',
    },
  },
  async begin(stage) {
    const workflow_id = await stage.workflow('long', delayStep('wait', 3_600));
    const listeners = Array.from({ length: LISTENERS }, (_, n) => listenFrom(stage, n));
    await Promise.all(listeners.map((listener) => listener.live()));
    const counted = async (at: ClusterReplica) => (await stage.capacity(at)).active_users;

    const once = async (n: number) => {
      // Not one on which no listener is.
      const homes = stage.cluster.replicas.filter(({ id }) => listeners.some(({ replica }) => replica === id));
      const victim = homes[n % homes.length] ?? stage.replica(n);
      const witness = stage.cluster.replicas.find(({ id }) => id !== victim.id) ?? victim;
      await until(async () => (await counted(witness)) === LISTENERS, {
        ...WITHIN,
        what: 'only listeners to be counted',
      });
      const guests = await enter(stage, victim);
      await until(async () => (await counted(witness)) === LISTENERS + GUESTS, {
        ...WITHIN,
        what: 'guests to be counted',
      });
      const runs = await runsOn(stage, victim, workflow_id);
      // Leases are renewed every few seconds: how long they hold after the loss depends on when it comes.
      await delay(Math.random() * LEASES.user.renewEveryMs);
      const homeless = listeners.filter(({ replica }) => replica === victim.id);

      await victim.kill();
      const killedAt = performance.now();
      const since = (what: string, holds: () => boolean | Promise<boolean>) =>
        until(holds, { ...WITHIN, what }).then(() => performance.now() - killedAt);
      const [sockets, users, went] = await Promise.all([
        since('the sockets', () => homeless.every(({ replica }) => replica !== null && replica !== victim.id)),
        since('the count', async () => (await counted(witness)) === LISTENERS),
        since('the runs', async () =>
          (await stage.record.runs(runs)).every(({ attempt, worker }) => attempt === 2 && worker !== victim.id),
        ),
      ]);
      for (const guest of guests) guest.terminate();
      await victim.start();
      await whole(stage);
      const going = (await stage.record.runs()).filter(({ finishedAt }) => finishedAt === null);
      await Promise.all(going.map(({ id }) => stage.admin.api().cancel(id)));
      return { runs: went, users, sockets };
    };
    return { once, end: async () => {} };
  },
};

/** Somebody whose live connection comes from network number `n`. */
function listenFrom(stage: Stage, n: number) {
  const person = stage.person(`listener-${n}`);
  const token = stage.cluster.token(person.id);
  const bearer = bearerEndpoint(stage.cluster.nginxUrl, () => token);
  return person.listen(undefined, {
    endpoint: async (signal: AbortSignal) => {
      const { url, headers } = await bearer(signal);
      return { url, headers: { ...headers, 'X-Forwarded-For': `10.0.${n}.1` } };
    },
  });
}

async function enter(stage: Stage, { url }: ClusterReplica): Promise<WebSocket[]> {
  return Promise.all(
    Array.from({ length: GUESTS }, async (_, n) => {
      const endpoint = await bearerEndpoint(url, () => stage.cluster.token(`guest-${n}`))(new AbortController().signal);
      const socket = new WebSocket(endpoint.url, { headers: endpoint.headers ?? {} });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('message', resolve));
      return socket;
    }),
  );
}

/** Starts runs until so many are on the replica; resolves to those. */
async function runsOn(stage: Stage, { id }: ClusterReplica, workflow_id: string): Promise<string[]> {
  const mine = async () =>
    (await stage.record.runs()).filter(({ worker, status }) => worker === id && status === 'running');
  for (let started = 0; started < MOST_RUNS && (await mine()).length < RUNS; started += RUNS) {
    const answers = await Promise.all(Array.from({ length: RUNS }, () => stage.person('owner').start({ workflow_id })));
    const ids = answers.map(({ body }) => body.run_id);
    await until(async () => (await stage.record.runs(ids)).every(({ status }) => status === 'running'), {
      ...WITHIN,
      what: 'the runs to be running',
    });
  }
  const found = (await mine()).map((run) => run.id);
  if (found.length === 0) throw new Error(`None of ${MOST_RUNS} runs came to ${id}.`);
  return found;
}
