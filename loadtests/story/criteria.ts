/** The acceptance criteria of the story (graceful degradation under load), each "then" and "and" by itself. */
export const CRITERIA = {
  queued: 'users exceed 80 % of the limit (20 of 25): new workflow starts are queued',
  continue: 'users exceed 80 %: existing workflows continue normally',
  warned: 'users exceed 80 %: users see "High demand - new workflows may be delayed"',
  in_order: 'capacity becomes available: queued workflows start in order',
  notified: 'capacity becomes available: users are notified "Your workflow is starting"',
  shed: 'extreme load (23 of 25): typing indicators and presence updates are disabled first',
  core: 'extreme load: core workflow execution is preserved',
  failover: 'a provider is down: the system switches to the backup provider',
  told_of_failover: 'a provider is down: users see "Using alternative provider - responses may vary slightly"',
  status: 'degradation occurs: the status page shows the current status and known issues',
  resolution: 'degradation occurs: the status page shows the estimated time to resolution',
  drained: 'the crowd leaves: nothing waits, starts run at once again, users are told',
  right_messages: '30 users: every one was told everything once, in order, and nothing was lost',
} as const;
export type Criterion = keyof typeof CRITERIA;

export interface Finding {
  criterion: Criterion;
  /** Empty: it holds. */
  faults: string[];
}

/** Collects what does not hold. */
export class Findings {
  private readonly faults = new Map<Criterion, string[]>();

  /** The criterion was looked at; `holds` false: with `fault`. */
  check(criterion: Criterion, holds: boolean, fault: string): void {
    const known = this.faults.get(criterion) ?? [];
    if (!holds) known.push(fault);
    this.faults.set(criterion, known);
  }

  /** A criterion that nobody has looked at does not hold. */
  all(): Finding[] {
    return (Object.keys(CRITERIA) as Criterion[]).map((criterion) => ({
      criterion,
      faults: this.faults.get(criterion) ?? ['was not reached'],
    }));
  }
}
