import type { Keys } from './keys.ts';
import { LEASES } from './leases.ts';
import { toLevelState } from './level-state.ts';
import type { LevelState, UsersJoined } from './results.ts';
import type { ScriptRunner } from './script-runner.ts';

/** Presence of users: who has a lease of any replica counts, once. Give at most some thousand users a call. */
export class UserLeases {
  private readonly announce: string;

  constructor(
    private readonly scripts: ScriptRunner,
    keys: Keys,
  ) {
    this.announce = keys.channel('announce');
  }

  /** Begins or renews leases; renew every `LEASES.user.renewEveryMs`. `full` only beyond the hard limit, for users nobody else has a lease of. */
  async join(replica: string, users: readonly string[]): Promise<UsersJoined> {
    const reply = await this.scripts.capacity('joinUsers', this.announce, replica, LEASES.user.lengthMs, ...users);
    const results: UsersJoined['results'] = users.map(() => 'joined');
    for (const refused of reply.slice(5)) results[refused] = 'full';
    return { kind: 'joined', results, level: toLevelState(reply) };
  }

  /** Ends leases of this replica; those of others go on. */
  async leave(replica: string, users: readonly string[]): Promise<LevelState> {
    return toLevelState(await this.scripts.capacity('leaveUsers', this.announce, replica, ...users));
  }
}
