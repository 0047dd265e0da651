import * as units from '@grafana/grafana-foundation-sdk/units';
import { graphs, type Row } from '../dashboard.ts';
import { graph, stat, timeline } from '../panels.ts';
import { quantile, rate, ratio, recorded, replicas, sum } from '../promql.ts';
import { NO_OR_YES } from '../states.ts';
import { LIMITS, rising } from '../thresholds.ts';

const REPLICA = '{{instance}}';
const hits = 'sum(rate(redis_keyspace_hits_total[$__rate_interval]))';
const misses = 'sum(rate(redis_keyspace_misses_total[$__rate_interval]))';
const transactions = (end: string) =>
  `sum by (datname) (rate(pg_stat_database_xact_${end}{datname!~"template.*|"}[$__rate_interval]))`;
const reads = (...outcome: string[]) => sum(rate(replicas('weir_cache_requests_total', ...outcome)), 'cache');
/** No data: nothing was read. */
export const HIT_RATE = `${hits} / (${hits} + ${misses} > 0)`;

/** Postgres and Redis, as the replicas see them and as they see themselves. */
export const storeRows: readonly Row[] = [
  graphs(
    'Postgres, seen by the replicas',
    graph({
      title: 'Connections in use',
      description: 'Share of its pool that each replica has in use. At 100 % queries wait.',
      unit: units.PercentUnit,
      thresholds: rising(0.8, 1),
      queries: [[recorded('instance:weir_postgres_pool:saturation'), REPLICA]],
    }),
    graph({
      title: 'Queries waiting for a connection',
      description: 'Zero unless a pool is used up or Postgres is slow.',
      unit: units.Short,
      decimals: 0,
      queries: [[replicas('weir_postgres_pool_connections', 'state="waiting"'), REPLICA]],
    }),
    graph({
      title: 'Batched statements p95',
      description: 'Time of the statements that many starts share, by kind.',
      unit: units.Seconds,
      queries: [
        [quantile(0.95, replicas('weir_postgres_batch_duration_seconds'), '$__rate_interval', 'kind'), '{{kind}}'],
      ],
    }),
  ),
  graphs(
    'Reads from memory',
    graph({
      title: 'Hit rate of workflows and runs',
      description: 'Share of the reads that cost Postgres nothing. No data: nobody reads.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      queries: [[ratio(reads('outcome="hit"'), reads()), '{{cache}}']],
    }),
    graph({
      title: 'Reads that bypass the memory',
      description: 'Zero unless it is switched off or a replica does not hear from Redis whether a run has changed.',
      unit: units.OpsPerSecond,
      queries: [[reads('outcome="bypass"'), '{{cache}}']],
    }),
    graph({
      title: 'Runs found in memory p95',
      description: 'Nearly all of it is the way to Redis and back, which says that the run has not changed.',
      unit: units.Seconds,
      queries: [[quantile(0.95, replicas('weir_cache_hit_duration_seconds')), 'p95']],
    }),
  ),
  graphs(
    'Postgres itself',
    graph({
      title: 'Server connections',
      description: 'Connections to the server by database, and how many it accepts.',
      unit: units.Short,
      decimals: 0,
      queries: [
        ['sum by (datname) (pg_stat_database_numbackends{datname!~"template.*|"} > 0)', '{{datname}}'],
        ['max(pg_settings_max_connections)', 'limit'],
      ],
    }),
    graph({
      title: 'Transactions',
      description: 'A second, by database. Many rollbacks: look for errors in the log of Postgres.',
      unit: units.OpsPerSecond,
      queries: [
        [transactions('commit'), '{{datname}} commits'],
        [transactions('rollback'), '{{datname}} rollbacks'],
      ],
    }),
    graph({
      title: 'Replication lag',
      description:
        'What each standby has not replayed yet. If the primary were lost now, it could be lost with it. No data: there is no standby.',
      unit: units.BytesIEC,
      thresholds: LIMITS.standbyBehindBytes(),
      queries: [['max by (application_name) (pg_stat_replication_pg_wal_lsn_diff)', '{{application_name}}']],
    }),
  ),
  graphs(
    'Redis',
    graph({
      title: 'Round trip of the heartbeat',
      description: 'From each replica to Redis and back. Every start and every slot takes such a trip.',
      unit: units.Seconds,
      thresholds: LIMITS.redisRoundTrip(),
      queries: [[replicas('weir_redis_latency_seconds'), REPLICA]],
    }),
    graph({
      title: 'Hit rate',
      description: 'Reads of keys that were there, as a share of all reads of keys.',
      unit: units.PercentUnit,
      min: 0,
      max: 1,
      queries: [[HIT_RATE, 'hits']],
    }),
    graph({
      title: 'Redis memory',
      description:
        'In use, and the limit where there is one (maxmemory). Beyond the limit writes are refused: capacity state must not be evicted.',
      unit: units.BytesIEC,
      queries: [
        ['redis_memory_used_bytes', 'in use'],
        ['redis_memory_max_bytes > 0', 'limit'],
      ],
    }),
    graph({
      title: 'Commands and evictions',
      description: 'Commands a second, and keys thrown away for lack of memory: there must be none.',
      unit: units.OpsPerSecond,
      queries: [
        ['sum(rate(redis_commands_processed_total[$__rate_interval]))', 'commands'],
        ['sum(rate(redis_evicted_keys_total[$__rate_interval]))', 'evictions'],
      ],
    }),
  ),
  {
    title: 'Redis: memory and what survives its end',
    height: 6,
    panels: [
      stat({
        title: 'Memory, share of the limit',
        description: 'No data: there is no limit (maxmemory).',
        unit: units.PercentUnit,
        decimals: 0,
        thresholds: LIMITS.redisMemory(),
        queries: [['max(instance:redis_memory:saturation)', 'memory']],
      }),
      timeline({
        title: 'Append-only file',
        description: 'Without it what Redis knows is lost when it ends, and is rebuilt from Postgres.',
        unit: units.Short,
        mappings: NO_OR_YES,
        queries: [
          ['min(redis_aof_enabled)', 'kept'],
          ['min(redis_aof_last_write_status)', 'last write worked'],
          ['min(redis_aof_last_bgrewrite_status)', 'last rewrite worked'],
        ],
      }),
    ],
  },
];
