/** Names of the capacity keys as scripts and classes call them, and their last part in Redis. Type, life, writers and readers: README.md. */
export const CAPACITY_KEYS = {
  generation: 'generation',
  epoch: 'epoch',
  rebuild: 'rebuild',
  limits: 'limits',
  level: 'level',
  userLeases: 'user-leases',
  users: 'users',
  queue: 'queue',
  queueDeadlines: 'queue-deadlines',
  entries: 'entries',
  queuedByUser: 'queued-by-user',
  slots: 'slots',
  holders: 'holders',
  ready: 'ready',
  grantCounter: 'grant-counter',
  permit: 'permit',
  cancels: 'cancels',
  rescuePulse: 'rescue-pulse',
  drain: 'drain',
  serviceTimes: 'service-times',
  estimate: 'estimate',
  replicas: 'replicas',
  replicaLeases: 'replica-leases',
  leaderLock: 'leader-lock',
  leaderInfo: 'leader-info',
  away: 'away',
  features: 'features',
  featureForces: 'feature-forces',
  featureLog: 'feature-log',
} as const;
export type CapacityKey = keyof typeof CAPACITY_KEYS;

export const USER_KEYS = {
  stream: 'stream',
  meta: 'meta',
  seen: 'seen',
  chatRate: 'chat-rate',
  requestRate: 'request-rate',
} as const;
export type UserKey = keyof typeof USER_KEYS;

/** Keys of the model providers: those of one provider, and those of all together. */
export const PROVIDER_KEYS = { opening: 'opening', probe: 'probe', rate: 'rate', failures: 'failures' } as const;
export type ProviderKey = keyof typeof PROVIDER_KEYS;
export const MODEL_KEYS = {
  openings: 'openings',
  forced: 'forced',
  switched: 'switched',
  retries: 'retries',
  activeCalls: 'active-calls',
  activeReports: 'active-reports',
} as const;
export type ModelKey = keyof typeof MODEL_KEYS;

/** Channels everybody listens to: `wake` the leader, `control` of workers, `announce` a level, `leaderLeft` on its own account, `featureChanges` of comforts. */
export const CHANNELS = {
  wake: 'wake',
  control: 'control',
  announce: 'announce',
  leaderLeft: 'leader-left',
  featureChanges: 'feature-changes',
} as const;
export type Channel = keyof typeof CHANNELS;

/**
 * Builds every key and channel name. `prefix` (`weir:v1`) names cluster and key format: two clusters may share a Redis, and replicas
 * of two releases never misread each other. The part in braces is Redis Cluster's hash tag: keys with the same one live on
 * one shard, which a script needs of all its keys.
 */
export class Keys {
  constructor(private readonly prefix: string) {}

  /** `<prefix>:{cap}:<name>`: one tag for all capacity keys, since the scripts combine them freely. */
  capacity(key: CapacityKey): string {
    return `${this.prefix}:{cap}:${CAPACITY_KEYS[key]}`;
  }

  /** `<prefix>:{cap}:<name>`: channels have no shard; the tag only keeps the names together. */
  channel(channel: Channel): string {
    return `${this.prefix}:{cap}:${CHANNELS[channel]}`;
  }

  /** `<prefix>:{cap}:abort:<id>`: list that ends one wait for a ready run; tagged because BLMPOP waits for it together with `ready`. */
  abort(id: string): string {
    return `${this.prefix}:{cap}:abort:${id}`;
  }

  /** `<prefix>:{windows}:<slot>`: what replicas did in the slot of time that begins then (Unix ms); off the shard of the capacity state. */
  windows(slot: number): string {
    return `${this.prefix}:{windows}:${slot}`;
  }

  /** `<prefix>:{u:<user id>}:<name>`: one tag a user, so users spread over the shards and a user's script stays on one. */
  user(userId: string, key: UserKey): string {
    return `${this.prefix}:{u:${userId}}:${USER_KEYS[key]}`;
  }

  /** `<prefix>:{u:<user id>}:events`: channel of the user's events. */
  userEvents(userId: string): string {
    return `${this.prefix}:{u:${userId}}:events`;
  }

  /** `<prefix>:{chat:<run id>}:comforts`: channel of what people at a run do just now; of replicas with sockets that look at its chat. */
  runComforts(runId: string): string {
    return `${this.prefix}:{chat:${runId}}:comforts`;
  }

  /** `<prefix>:{llm}:<name>`: one tag for all providers; breakers and budgets are small, and off the shard of the capacity state. */
  models(key: ModelKey): string {
    return `${this.prefix}:{llm}:${MODEL_KEYS[key]}`;
  }

  /** `<prefix>:{llm}:<name>:<provider>`. */
  provider(provider: string, key: ProviderKey): string {
    return `${this.prefix}:{llm}:${PROVIDER_KEYS[key]}:${provider}`;
  }

  /** `<prefix>:{llm}:changes`: channel on which a change of any provider's breaker, or of the forced one, is told. */
  providerChanges(): string {
    return `${this.prefix}:{llm}:changes`;
  }

  /**
   * `<prefix>:{runs}:mark:<run id>`: one tag, so that one command removes those of several runs. An id may come from an address, where
   * it is the same run in capitals.
   */
  runMark(runId: string): string {
    return `${this.prefix}:{runs}:mark:${runId.toLowerCase()}`;
  }

  /** `<prefix>:{t:<ticket>}`: a ticket is alone on its shard. */
  ticket(ticket: string): string {
    return `${this.prefix}:{t:${ticket}}`;
  }
}
