import type { Placeable } from './placeable.ts';

/** Accepted runs of this replica that Redis does not know yet, with their number per user. */
export class UnplacedRuns {
  private readonly entries = new Map<string, Placeable>();
  private readonly perUser = new Map<string, number>();

  get size(): number {
    return this.entries.size;
  }

  ids(): string[] {
    return [...this.entries.keys()];
  }

  ofUser(userId: string): number {
    return this.perUser.get(userId) ?? 0;
  }

  add(entry: Placeable): void {
    if (!this.entries.has(entry.runId)) this.perUser.set(entry.userId, this.ofUser(entry.userId) + 1);
    this.entries.set(entry.runId, entry);
  }

  delete(runId: string): void {
    const entry = this.entries.get(runId);
    if (entry === undefined) return;
    this.entries.delete(runId);
    const left = this.ofUser(entry.userId) - 1;
    if (left > 0) this.perUser.set(entry.userId, left);
    else this.perUser.delete(entry.userId);
  }

  /** Unix ms of the first acceptance; Infinity when empty. */
  get earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const entry of this.entries.values()) earliest = Math.min(earliest, entry.acceptedAt);
    return earliest;
  }

  /** All of them in the order of acceptance; afterwards there are none. */
  takeAll(): Placeable[] {
    const all = [...this.entries.values()].sort((a, b) => a.acceptedAt - b.acceptedAt || a.seq - b.seq);
    this.entries.clear();
    this.perUser.clear();
    return all;
  }
}
