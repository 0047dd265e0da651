import { randomUUID } from 'node:crypto';
import type { Logger } from '../shared/observability/logger.ts';
import { Channels } from './channels.ts';
import { RedisConnections } from './client.ts';
import { ClusterState } from './cluster-state.ts';
import { Comforts } from './comforts.ts';
import { EventStreams } from './event-streams.ts';
import { FeatureStore } from './feature-store.ts';
import { Keys } from './keys.ts';
import { LeaderLock } from './lock.ts';
import { MessageRate } from './message-rate.ts';
import { ProviderStore } from './provider-store.ts';
import { ReadyList } from './ready-list.ts';
import { Rebuild } from './rebuild.ts';
import { RequestRate } from './request-rate.ts';
import { RunMarks } from './run-marks.ts';
import { RunQueue } from './run-queue.ts';
import { ScriptRunner } from './script-runner.ts';
import { loadScripts, type Script } from './scripts.ts';
import { SlotLeases } from './slot-leases.ts';
import { Tickets } from './tickets.ts';
import { UserLeases } from './user-leases.ts';
import { Windows } from './windows.ts';

export interface RedisStoreConfig {
  /** `redis://[:password@]host:port`, or `rediss://`. */
  url: string;
  /** Independent nodes for the leader lock, an odd number; none: the lock lives in `url`. */
  redlockUrls?: readonly string[];
  prefix: string;
  log: Logger;
  /** Left out: as they are on disk. Tests give scripts with a clock of their own. */
  scripts?: readonly Script[];
}

/** Everything this process does with Redis, by subject. All methods reject with RedisUnavailable within about a second when Redis is away. */
export type RedisStore = ReturnType<typeof createRedisStore>;

/** Connects in the background; commands given before wait for the first try to connect. `connections.ready()` waits longer. */
export function createRedisStore({ url, redlockUrls = [], prefix, log, scripts = loadScripts() }: RedisStoreConfig) {
  const keys = new Keys(prefix);
  const connections = new RedisConnections(url, log);
  const { command, subscriber } = connections;
  const runner = new ScriptRunner(command, keys, scripts);
  return {
    connections,
    users: new UserLeases(runner, keys),
    queue: new RunQueue(runner, keys),
    slots: new SlotLeases(runner, keys, new ReadyList(connections, keys, randomUUID())),
    cluster: new ClusterState(runner, keys, command),
    rebuild: new Rebuild(runner, keys, command),
    events: new EventStreams(runner, keys, connections),
    channels: new Channels(subscriber, command, keys, log),
    providers: new ProviderStore(runner, keys, command),
    features: new FeatureStore(runner, keys, command),
    comforts: new Comforts(runner, keys, command),
    messageRate: new MessageRate(runner),
    runMarks: new RunMarks(command, keys),
    requestRate: new RequestRate(runner),
    windows: new Windows(command, keys),
    tickets: new Tickets(command, keys),
    lock: new LeaderLock(redlockUrls.length > 0 ? redlockUrls.map((node) => connections.node(node)) : [command], keys),
    close: () => connections.close(),
  };
}
