import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import type { OpeningReply } from './registry.ts';
import type { ProbeResult, ProviderFailure, ProviderOpening, ProviderStates } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';
import { RedisUnavailable } from './unavailable.ts';

/** An opening that nobody probes outlasts its time by its own length, but at least this (ms); then it is forgotten with those who made it. */
const LEAST_GRACE_MS = 15_000;
/** A probe without an outcome is repeated no sooner (ms). */
const REPEAT_PROBE_MS = 1_000;
const FAILURES_KEPT = 20;
const FAILURES_LIFE_MS = 60 * 60 * 1_000;
/** Users switched to another provider wait no longer for the news that the usual one is back (ms). */
const SWITCHED_LIFE_MS = 24 * 60 * 60 * 1_000;

/** What the replicas tell each other about the model providers. All of it is a hint: without Redis each decides alone. */
export class ProviderStore {
  private readonly changes: string;

  constructor(
    private readonly scripts: ScriptRunner,
    private readonly keys: Keys,
    private readonly redis: Redis,
  ) {
    this.changes = keys.providerChanges();
  }

  /** Opens a provider's breaker for the cluster. `opened` false: it was open already, and stays as it was. */
  async open(
    provider: string,
    { reason, by, openMs }: { reason: string; by: string; openMs: number },
  ): Promise<{ opening: ProviderOpening; opened: boolean }> {
    const [opened, ...opening] = await this.scripts.provider(
      'openProvider',
      provider,
      this.changes,
      provider,
      reason,
      by,
      Math.round(openMs),
      graceOf(openMs),
    );
    return { opening: toOpening(opening), opened: opened === 1 };
  }

  /** The probe of opening `no` has failed: the next is due in `openMs`. False: the opening, or this holder's probe, is over. */
  async reopen(
    provider: string,
    probe: { no: number; holder: string; reason: string; by: string; openMs: number },
  ): Promise<boolean> {
    const { no, holder, reason, by, openMs } = probe;
    const args = [this.changes, provider, no, holder, reason, by, Math.round(openMs), graceOf(openMs)];
    return (await this.scripts.provider('reopenProvider', provider, ...args)) === 1;
  }

  /** The provider works again. False: opening `no` is over already. */
  async close(provider: string, { no }: { no: number }): Promise<boolean> {
    return (await this.scripts.provider('closeProvider', provider, this.changes, provider, no)) === 1;
  }

  /** Asks for the cluster's one probe; `holder` has it for `leaseMs` and must have an outcome by then. */
  async takeProbe(provider: string, { holder, leaseMs }: { holder: string; leaseMs: number }): Promise<ProbeResult> {
    const args = [this.changes, provider, holder, Math.round(leaseMs)];
    const [no, ms] = await this.scripts.provider('takeProbe', provider, ...args);
    if (no > 0) return { kind: 'taken', no };
    return ms > 0 ? { kind: 'wait', ms } : { kind: 'closed' };
  }

  /** The probe found nothing out; the next may come in a second. */
  async releaseProbe(provider: string, { no, holder }: { no: number; holder: string }): Promise<void> {
    await this.scripts.provider('releaseProbe', provider, no, holder, REPEAT_PROBE_MS);
  }

  async read(providers: readonly string[]): Promise<ProviderStates> {
    const [forced, ...replies] = await Promise.all([
      this.ask(this.redis.get(this.keys.models('forced'))),
      ...providers.map((provider) => this.scripts.provider('readProvider', provider)),
    ]);
    const openings = new Map<string, ProviderOpening>();
    for (const [index, reply] of replies.entries()) {
      if (reply.length > 0) openings.set(providers[index] ?? '', toOpening(reply as OpeningReply));
    }
    return { openings, forced };
  }

  /** An administrator's choice of the provider that is asked first; null: as configured. Kept until it is taken back. */
  async force(provider: string | null): Promise<void> {
    const key = this.keys.models('forced');
    await this.ask<unknown>(provider === null ? this.redis.del(key) : this.redis.set(key, provider));
    await this.ask(this.redis.publish(this.changes, provider ?? ''));
  }

  /** For operators: the last failures of the last hour. `at` is the caller's clock. */
  async noteFailure(provider: string, failure: ProviderFailure): Promise<void> {
    const key = this.keys.provider(provider, 'failures');
    await Promise.all([
      this.ask(this.redis.lpush(key, JSON.stringify(failure))),
      this.ask(this.redis.ltrim(key, 0, FAILURES_KEPT - 1)),
      this.ask(this.redis.pexpire(key, FAILURES_LIFE_MS)),
    ]);
  }

  /** Newest first. */
  async recentFailures(provider: string): Promise<ProviderFailure[]> {
    const entries = await this.ask(this.redis.lrange(this.keys.provider(provider, 'failures'), 0, -1));
    const oldest = Date.now() - FAILURES_LIFE_MS;
    return entries.map((entry) => JSON.parse(entry) as ProviderFailure).filter((failure) => failure.at >= oldest);
  }

  /** The user has been told that another provider answers, and will be told when the usual one is back. */
  async noteSwitched(userId: string): Promise<void> {
    const key = this.keys.models('switched');
    await Promise.all([this.ask(this.redis.sadd(key, userId)), this.ask(this.redis.pexpire(key, SWITCHED_LIFE_MS))]);
  }

  /** Takes up to `max` of those users out: each is given to one caller only. */
  async takeSwitched(max: number): Promise<string[]> {
    return this.ask(this.redis.spop(this.keys.models('switched'), max));
  }

  /** Says how many calls a replica has under way, which is what the retry budget is a share of. Counts for 10 s. */
  async reportActive(replica: string, activeCalls: number): Promise<void> {
    await this.scripts.provider('takeRetry', '', replica, activeCalls, '', 0);
  }

  /** A place in the retry budget of the cluster (20 % of the calls under way, at least 3), until released or `leaseMs` later. */
  async takeRetry(retry: { replica: string; activeCalls: number; token: string; leaseMs: number }): Promise<boolean> {
    const { replica, activeCalls, token, leaseMs } = retry;
    return (await this.scripts.provider('takeRetry', '', replica, activeCalls, token, Math.ceil(leaseMs))) === 1;
  }

  async releaseRetry(token: string): Promise<void> {
    await this.ask(this.redis.zrem(this.keys.models('retries'), token));
  }

  /** Books the cluster's next call to a provider that takes `perMinute` of them. Resolves to the milliseconds to wait before it; 60,000: not booked, ask again then. */
  async reserveCall(provider: string, perMinute: number): Promise<number> {
    return this.scripts.provider('reserveCall', provider, perMinute);
  }

  private async ask<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply;
    } catch (error) {
      throw RedisUnavailable.from(error);
    }
  }
}

function graceOf(openMs: number): number {
  return Math.round(Math.max(openMs, LEAST_GRACE_MS));
}

function toOpening([no, reason, by, openedAt, probeInMs, probing]: OpeningReply): ProviderOpening {
  return { no, reason, by, openedAt, probeInMs, probing: probing === 1 };
}
