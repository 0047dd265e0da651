import type { Database } from '../../../db/database.ts';
import type { RedisStore } from '../../../redis/store.ts';
import type { Window } from '../../../redis/windows.ts';
import type { Logger } from '../../../shared/observability/logger.ts';
import { History } from './history.ts';
import { type Picture, Sampler } from './sampler.ts';
import { Uptime } from './uptime.ts';

export interface HistoryDeps {
  redis: Pick<RedisStore, 'windows'>;
  database: Pick<Database, 'samples'>;
  look(): Promise<Picture>;
  ownWindow(): Window | null;
  log: Logger;
}

/** The past of the cluster: who writes it and what is read of it. */
export interface HistoryParts {
  sampler: Sampler;
  history: History;
  uptime: Uptime;
}

export function createHistory({ redis, database, look, ownWindow, log }: HistoryDeps): HistoryParts {
  const { samples } = database;
  return {
    sampler: new Sampler({ look, windows: redis.windows, ownWindow, samples, log }),
    history: new History(samples),
    uptime: new Uptime(samples),
  };
}
