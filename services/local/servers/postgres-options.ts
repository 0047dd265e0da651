import type { ProcessRef } from '../processes/process-ref.ts';
import type { ServerBinary } from './binaries.ts';

export interface PostgresOptions {
  binary: ServerBinary;
  /** Folder of this server alone; `data` in it is made when missing. */
  dir: string;
  port: number;
  /** Of the user `weir`; used when the data folder is made. */
  password: string;
  logFile: string;
  /** Called as soon as the process exists, long before it is ready. */
  onSpawn?: (ref: ProcessRef) => void;
  /** false gives up safety of data for speed: tests only. */
  durable: boolean;
  maxConnections: number;
  /** One of two or more: its name among them, and the server whose data it begins with and then follows; null: it is the first primary. */
  pair?: { name: string; follows: { port: number } | null };
}

/** The user and database every private server has. */
export const POSTGRES_USER = 'weir';
export const POSTGRES_DATABASE = 'weir';

/** Of every program of Postgres. */
export function environment(options: Pick<PostgresOptions, 'binary'>): NodeJS.ProcessEnv {
  // TZ: a machine without time zone data still knows GMT.
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'GMT', ...options.binary.environment };
}
