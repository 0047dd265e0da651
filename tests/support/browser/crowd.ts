import type { Listener } from '../cluster/listener.ts';
import type { Stage } from '../cluster/stage.ts';
import { until } from '../until.ts';
import { PATIENCE_MS } from './patience.ts';

/** People with a socket each, who come and go so that the cluster counts as many users as a test wants. */
export class Crowd {
  private readonly there: Listener[] = [];
  private names = 0;

  constructor(private readonly stage: Stage) {}

  /** Lets people come or go until the cluster counts `users`, whoever else is there. */
  async makeUsers(users: number): Promise<void> {
    await until(
      async () => {
        const { active_users } = await this.stage.capacity();
        if (active_users < users) await this.join(users - active_users);
        if (active_users > users) await this.leave(active_users - users);
        return active_users === users;
      },
      { timeoutMs: PATIENCE_MS, what: `${users} users` },
    );
  }

  /** Everybody leaves. */
  async clear(): Promise<void> {
    await this.leave(this.there.length);
  }

  private async join(count: number): Promise<void> {
    const newcomers = Array.from({ length: count }, () => {
      this.names += 1;
      return this.stage.person(`crowd-${this.names}`).listen(this.stage.replica(this.names));
    });
    this.there.push(...newcomers);
    await Promise.all(newcomers.map((listener) => listener.live()));
  }

  private async leave(count: number): Promise<void> {
    await Promise.all(this.there.splice(0, count).map((listener) => listener.close()));
  }
}
