import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached answer to the longest wait in the queue. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WAIT_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Every metric of a replica, by subject; the registry behind them answers `/metrics`. Names: `weir_<subject>_<what>_<unit>`. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    capacity: {
      users: new Gauge({ name: 'weir_users_active', help: 'Users with a live lease, cluster-wide.', registers }),
      maxUsers: new Gauge({ name: 'weir_users_limit', help: 'User limit.', registers }),
      slots: new Gauge({ name: 'weir_slots_held', help: 'Runs that hold a slot, cluster-wide.', registers }),
      maxSlots: new Gauge({ name: 'weir_slots_limit', help: 'Slot limit.', registers }),
      ready: new Gauge({ name: 'weir_ready_runs', help: 'Runs with a slot that no worker has taken yet.', registers }),
      queueLength: new Gauge({ name: 'weir_queue_length', help: 'Runs waiting in the queue.', registers }),
      level: new Gauge({
        name: 'weir_capacity_level',
        help: '0 normal, 1 elevated, 2 degraded, 3 saturated.',
        registers,
      }),
      leaseDrift: new Gauge({
        name: 'weir_lease_drift',
        help: 'Slots held in Redis minus runs that Postgres says are running or granted; 0 at rest.',
        registers,
      }),
      leader: new Gauge({ name: 'weir_leader', help: '1 on the replica that leads.', registers }),
      epoch: new Gauge({ name: 'weir_leader_epoch', help: 'Epoch of the last leadership of this replica.', registers }),
    },
    admission: {
      outcomes: new Counter({
        name: 'weir_admissions_total',
        help: 'Starts by outcome.',
        labelNames: ['outcome'],
        registers,
      }),
      seconds: new Histogram({
        name: 'weir_admission_duration_seconds',
        help: 'From validated request to answer.',
        buckets: LATENCY_BUCKETS,
        registers,
      }),
    },
    runs: {
      finished: new Counter({
        name: 'weir_runs_finished_total',
        help: 'Runs by final status.',
        labelNames: ['status'],
        registers,
      }),
      executing: new Gauge({ name: 'weir_runs_executing', help: 'Runs in the hands of this worker.', registers }),
      queueWait: new Histogram({
        name: 'weir_queue_wait_seconds',
        help: 'From acceptance to slot.',
        buckets: WAIT_BUCKETS,
        registers,
      }),
      startLatency: new Histogram({
        name: 'weir_start_latency_seconds',
        help: 'From slot to first step begun.',
        buckets: LATENCY_BUCKETS,
        registers,
      }),
      stepSeconds: new Histogram({
        name: 'weir_step_duration_seconds',
        help: 'Steps by kind and outcome.',
        labelNames: ['kind', 'outcome'],
        buckets: WAIT_BUCKETS,
        registers,
      }),
      rescued: new Counter({
        name: 'weir_runs_rescued_total',
        help: 'Runs put back because their lease had lapsed.',
        registers,
      }),
      fenced: new Counter({
        name: 'weir_writes_fenced_total',
        help: 'Writes of a worker that no longer owned its run.',
        registers,
      }),
    },
    realtime: {
      sockets: new Gauge({ name: 'weir_sockets_open', help: 'Open sockets of this replica.', registers }),
      frames: new Counter({
        name: 'weir_frames_sent_total',
        help: 'Frames sent by type.',
        labelNames: ['type'],
        registers,
      }),
      dropped: new Counter({
        name: 'weir_frames_dropped_total',
        help: 'Frames left out for sockets that were behind.',
        registers,
      }),
      resumes: new Counter({
        name: 'weir_resumes_total',
        help: 'Sockets greeted or caught up, by outcome.',
        labelNames: ['outcome'],
        registers,
      }),
      closes: new Counter({
        name: 'weir_sockets_closed_total',
        help: 'Sockets closed by code.',
        labelNames: ['code'],
        registers,
      }),
    },
    http: {
      seconds: new Histogram({
        name: 'weir_http_request_duration_seconds',
        help: 'Requests by route, method and status.',
        labelNames: ['method', 'route', 'status'],
        buckets: LATENCY_BUCKETS,
        registers,
      }),
    },
    postgres: {
      pool: new Gauge({
        name: 'weir_postgres_pool_connections',
        help: 'Connections by state (total, idle, waiting).',
        labelNames: ['state'],
        registers,
      }),
      seconds: new Histogram({
        name: 'weir_postgres_batch_duration_seconds',
        help: 'Batched statements by kind.',
        labelNames: ['kind'],
        buckets: LATENCY_BUCKETS,
        registers,
      }),
      breaker: new Gauge({
        name: 'weir_postgres_breaker_open',
        help: '1 while the breaker in front of Postgres is open.',
        registers,
      }),
    },
    redis: {
      latency: new Gauge({ name: 'weir_redis_latency_seconds', help: 'Last round trip of the heartbeat.', registers }),
      up: new Gauge({ name: 'weir_redis_up', help: '1 while the command connection is ready.', registers }),
    },
    llm: {
      tokens: new Counter({
        name: 'weir_llm_tokens_total',
        help: 'Tokens by provider, model and direction.',
        labelNames: ['provider', 'model', 'direction'],
        registers,
      }),
      calls: new Counter({
        name: 'weir_llm_calls_total',
        help: 'Model calls by provider and outcome.',
        labelNames: ['provider', 'outcome'],
        registers,
      }),
      userTokens: new Counter({
        name: 'weir_llm_user_tokens_total',
        help: 'Tokens by user and direction; users beyond the first few hundred of a replica are counted as "other".',
        labelNames: ['user', 'direction'],
        registers,
      }),
      inFlight: new Gauge({
        name: 'weir_llm_calls_in_flight',
        help: 'Model calls under way by provider.',
        labelNames: ['provider'],
        registers,
      }),
      retries: new Counter({
        name: 'weir_llm_retries_total',
        help: 'Repeats on the same provider, by whether the budget of the cluster allowed them (granted, denied).',
        labelNames: ['provider', 'outcome'],
        registers,
      }),
      switches: new Counter({
        name: 'weir_llm_switches_total',
        help: 'Calls that left a provider for another one, by reason.',
        labelNames: ['from', 'to', 'reason'],
        registers,
      }),
      breaker: new Gauge({
        name: 'weir_llm_breaker_state',
        help: 'As this replica sees it: 0 closed, 1 half open, 2 open.',
        labelNames: ['provider'],
        registers,
      }),
      openings: new Counter({
        name: 'weir_llm_breaker_openings_total',
        help: 'Breakers opened by this replica, by reason. unauthorized: somebody has to look at the key.',
        labelNames: ['provider', 'reason'],
        registers,
      }),
      probes: new Counter({
        name: 'weir_llm_probes_total',
        help: 'Probes of an open provider by this replica, by outcome.',
        labelNames: ['provider', 'outcome'],
        registers,
      }),
      active: new Gauge({
        name: 'weir_llm_provider_active',
        help: '1 for the provider that answers.',
        labelNames: ['provider'],
        registers,
      }),
      firstContent: new Histogram({
        name: 'weir_llm_first_content_seconds',
        help: 'Until the first content of a stream.',
        labelNames: ['provider'],
        buckets: WAIT_BUCKETS,
        registers,
      }),
    },
  };
}
