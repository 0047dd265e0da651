import type { Limits } from '../../shared/protocol/http.ts';
import { LEASES } from '../leases.ts';
import type { LevelState, ReplicaReport, UsersJoined } from '../results.ts';
import { LevelModel } from './level-model.ts';

/** "This replica has sockets of this user", until then. */
export interface UserLease {
  replica: string;
  user: string;
  until: number;
}

/**
 * Who is here, and what that means for the level. Users are counted from leases, never by adding and subtracting: what died stops
 * counting by itself. A user on three replicas is one user.
 */
export class CrowdModel {
  leases: UserLease[] = [];
  readonly level = new LevelModel();
  /** Replicas that have reported, with the end of their lease. */
  readonly replicas = new Map<string, { report: ReplicaReport; until: number }>();
  /** Changes of the level, as everybody is told of them. */
  readonly announced: LevelState[] = [];

  get activeUsers(): number {
    return new Set(this.leases.map(({ user }) => user)).size;
  }

  /** A user nobody has a lease of is refused beyond the hard limit (0: twice the limit); nobody else is. */
  join(now: number, limits: Limits | null, replica: string, users: readonly string[]): UsersJoined {
    this.sweepUsers(now);
    const hardLimit = limits === null ? Number.POSITIVE_INFINITY : limits.hard_limit_users || 2 * limits.max_users;
    const results = users.map((user) => {
      const until = now + LEASES.user.lengthMs;
      const own = this.leases.find((lease) => lease.replica === replica && lease.user === user);
      if (own) own.until = until;
      else if (!this.isHere(user) && this.activeUsers >= hardLimit) return 'full';
      else this.leases.push({ replica, user, until });
      return 'joined';
    });
    return { kind: 'joined', results, level: this.evaluate(now, limits) };
  }

  leave(now: number, limits: Limits | null, replica: string, users: readonly string[]): LevelState {
    this.sweepUsers(now);
    this.leases = this.leases.filter((lease) => lease.replica !== replica || !users.includes(lease.user));
    return this.evaluate(now, limits);
  }

  report(now: number, limits: Limits | null, report: ReplicaReport): LevelState {
    this.sweepUsers(now);
    this.sweepReplicas(now);
    this.replicas.set(report.id, { report, until: now + LEASES.replica.lengthMs });
    this.level.report(now, report.eventLoopDelayMs, report.redisLatencyMs);
    return this.evaluate(now, limits);
  }

  /** What the leader does every second, so that the level falls although nobody comes or goes. */
  refresh(now: number, limits: Limits | null): LevelState {
    this.sweepUsers(now);
    this.sweepReplicas(now);
    return this.evaluate(now, limits);
  }

  /** Decides the level anew, by the users and the limit of this moment. */
  evaluate(now: number, limits: Limits | null): LevelState {
    const { state, changed } = this.level.evaluate(now, this.activeUsers, limits?.max_users ?? 0);
    if (changed) this.announced.push(state);
    return state;
  }

  private isHere(user: string): boolean {
    return this.leases.some((lease) => lease.user === user);
  }

  private sweepUsers(now: number): void {
    this.leases = this.leases.filter(({ until }) => until > now);
  }

  private sweepReplicas(now: number): void {
    for (const [id, { until }] of this.replicas) if (until <= now) this.replicas.delete(id);
  }
}
