import type { Redis } from 'ioredis';
import { COMFORTS, type Comfort } from '../shared/workflow/capacity-level.ts';
import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import type { FeaturesReply } from './registry.ts';
import type { FeatureChange, FeatureForce, FeaturesState } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** Changes read from the log at once. */
const LOG_PAGE = 100;

/** Which comforts are on in the whole cluster: decided from level and administrators' wishes by whoever settles first. */
export class FeatureStore {
  private readonly channel: string;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly redis: Redis,
  ) {
    this.channel = keys.channel('featureChanges');
  }

  /** Brings the state up to date and answers it. Repeat it every `LEASES.features.renewEveryMs`, or the state lapses. */
  async settle(): Promise<FeaturesState> {
    return toState(await this.scripts.capacity('settleFeatures', this.channel, LEASES.features.lengthMs));
  }

  /** Forces comforts; null releases one. `lastingMs` 0: until released. In force when this resolves. */
  async force(
    wishes: ReadonlyArray<readonly [Comfort, 'on' | 'off' | null]>,
    { by, why, lastingMs }: { by: string; why: string; lastingMs: number },
  ): Promise<FeaturesState> {
    const pairs = wishes.flatMap(([comfort, state]) => [comfort, state ?? '']);
    const args = [this.channel, LEASES.features.lengthMs, by, why, Math.round(lastingMs), ...pairs];
    return toState(await this.scripts.capacity('forceFeatures', ...args));
  }

  /** The oldest changes in the log, at most 100. */
  async changes(): Promise<FeatureChange[]> {
    const entries = await this.ask(this.redis.zrange(this.keys.capacity('featureLog'), 0, String(LOG_PAGE - 1)));
    return entries.map((entry) => JSON.parse(entry) as FeatureChange);
  }

  /** Changes up to number `seq` are stored elsewhere. */
  async forgetChanges(seq: number): Promise<void> {
    await this.ask(this.redis.zremrangebyscore(this.keys.capacity('featureLog'), '-inf', seq));
  }

  private async ask<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}

function toState([sequence, since, logged, ...comforts]: FeaturesReply): FeaturesState {
  return {
    sequence,
    since,
    logged,
    features: COMFORTS.map((feature, index) => ({
      feature,
      enabled: (comforts[index] ?? 'on:').startsWith('on:'),
      forced: toForce(comforts[COMFORTS.length + index] ?? ''),
    })),
  };
}

/** `<on|off>:<end, 0: none>:<by>` */
function toForce(text: string): FeatureForce | null {
  const [, state, until, by = ''] = /^(on|off):(\d+):(.*)$/s.exec(text) ?? [];
  if (state === undefined) return null;
  return { state: state as FeatureForce['state'], until: until === '0' ? null : Number(until), by };
}
