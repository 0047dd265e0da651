import type { LevelState } from '../../../redis/results.ts';

/**
 * The cluster's level as this replica knows it, from two sources that may overtake each other: announcements, and the answers to
 * renewed user leases, which repair an announcement that was missed. The sequence, which begins with the Redis clock and grows
 * with every change, tells the later of two.
 */
export class LevelWatch {
  private state: LevelState | null = null;

  constructor(
    private readonly deps: {
      /** Asks Redis. */
      read(): Promise<LevelState>;
      /** Called once per sequence, also when changes in between were missed. */
      onChange(state: LevelState): void;
    },
  ) {}

  /** As last heard; null: nothing since Redis was away. */
  get current(): LevelState | null {
    return this.state;
  }

  /** {@link current}, or what Redis says now; null: it cannot be asked. */
  async known(): Promise<LevelState | null> {
    if (this.state === null) {
      const state = await this.deps.read().catch(() => null);
      if (state !== null) this.observe(state);
    }
    return this.state;
  }

  observe(state: LevelState): void {
    const known = this.state;
    if (known !== null && state.sequence < known.sequence) return;
    this.state = state;
    if (known === null || state.sequence > known.sequence) this.deps.onChange(state);
  }

  /** Redis was away: whatever it says next counts, even if it lost its data and its clock is another one. */
  forget(): void {
    this.state = null;
  }
}
