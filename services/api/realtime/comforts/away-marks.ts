import type { Comforts } from '../../../../redis/comforts.ts';
import { LEASES } from '../../../../redis/leases.ts';
import type { LocalUser } from '../local-user.ts';

export interface AwayMarksDeps {
  replica: string;
  comforts: Pick<Comforts, 'markAway'>;
  users: ReadonlyMap<string, LocalUser>;
}

/** Says for this replica which of its users are away, which is: all their sockets here are. Changes of a second go in one call. */
export class AwayMarks {
  /** As the cluster was last told. */
  private readonly marked = new Set<string>();
  private readonly touched = new Set<string>();
  private renewAt = 0;

  constructor(private readonly deps: AwayMarksDeps) {}

  /** A socket of the user has come, gone, or said whether somebody looks at it. */
  touch(userId: string, away: boolean): void {
    if (away || this.marked.has(userId)) this.touched.add(userId);
  }

  /** Tells what has changed, or all when that is due. `now` in ms of a steady clock. Rejects without Redis; the next call makes up for it. */
  async sync(now: number): Promise<void> {
    const due = this.marked.size > 0 && now >= this.renewAt;
    if (this.touched.size === 0 && !due) return;
    const { replica, comforts, users } = this.deps;
    const touched = [...this.touched];
    this.touched.clear();
    const away = touched.filter((userId) => {
      const sockets = users.get(userId)?.connections ?? [];
      return sockets.length > 0 && sockets.every((socket) => socket.away);
    });
    for (const userId of away) this.marked.add(userId);
    const back = touched.filter((userId) => !away.includes(userId) && this.marked.delete(userId));
    if (away.length === 0 && back.length === 0 && !due) return;
    try {
      await comforts.markAway(replica, due ? [...this.marked] : away, back);
      if (due || this.marked.size === away.length) this.renewAt = now + LEASES.away.renewEveryMs;
    } catch (error) {
      // Nobody may have heard it: all of it is told again, and who is back counts as marked until then.
      for (const userId of back) this.marked.add(userId);
      for (const userId of touched) this.touched.add(userId);
      throw error;
    }
  }

  /** The next {@link sync} tells all of it. */
  forget(): void {
    this.renewAt = 0;
  }
}
