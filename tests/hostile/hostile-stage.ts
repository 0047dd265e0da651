import { expect } from 'chai';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';
import { Bystander, oneRun } from './bystander.ts';
import type { Cast } from './fuzz/send.ts';
import { Victim } from './victim.ts';

/** Of replicas and victim: bounds that the attack is not about are out of the way. */
const SETTINGS = {
  WEIR_MAX_USERS: '10000',
  WEIR_MAX_WORKFLOWS: '1000',
  WEIR_QUEUE_MAX: '100000',
  WEIR_USER_REQUESTS_PER_SECOND: '0',
  WEIR_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1!',
};
/** What may stay after an attack (bytes): verified tokens, definitions, the tables of the compiler. */
const HEAP_SLACK = 6_000_000;
const DESCRIPTOR_SLACK = 5;

/** A cluster, one more replica that can be looked into, and somebody whose runs and ids strangers are after. */
export class HostileStage {
  private constructor(
    private readonly stage: Stage,
    readonly victim: Victim,
    private readonly workflowId: string,
    private readonly known: Cast,
  ) {}

  /** `nginx`: settings of Nginx that differ from the usual. */
  static async open(nginx: Record<string, string> = {}): Promise<HostileStage> {
    const stage = await Stage.open({ replicas: 1, settings: { ...SETTINGS, ...nginx } });
    try {
      return await HostileStage.around(stage);
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private static async around(stage: Stage): Promise<HostileStage> {
    const victim = await Victim.start(stage, SETTINGS);
    const workflowId = await stage.workflow('nap', delayStep('wait', 0.05));
    const long = await stage.workflow('long', delayStep('wait', 3_600));
    const start = async (user: string, workflow: string) =>
      (await stage.person(user).start({ workflow_id: workflow })).body.run_id;
    const endedRun = await start('mallory', workflowId);
    await stage.record.ended([endedRun], 10_000);
    const token = async (user: string, role?: 'admin') => `Bearer ${await stage.cluster.token(user, role)}`;
    const member = await token('mallory');
    const known: Cast = {
      ids: {
        $ownRun: await start('mallory', long),
        $endedRun: endedRun,
        $strangersRun: await start('victoria', long),
        $workflow: workflowId,
      },
      authorization: {
        member,
        stranger: await token('trudy'),
        admin: await token('root', 'admin'),
        nobody: '',
        forged: `${member.slice(0, -6)}AAAAAA`,
        garbage: 'Bearer \xff%00{"alg":"none"}',
      },
    };
    return new HostileStage(stage, victim, workflowId, known);
  }

  get nginxUrl(): string {
    return this.stage.cluster.nginxUrl;
  }

  cast(): Cast {
    return this.known;
  }

  bystander(): Bystander {
    return new Bystander(this.stage.person('alice'), this.workflowId, [this.victim.replica, { url: this.nginxUrl }]);
  }

  /** Somebody’s run goes through, at the replica that was attacked and at the door of all. */
  async oneRun(): Promise<void> {
    for (const door of [this.victim.replica, { url: this.nginxUrl }])
      await oneRun(this.stage.person('alice'), this.workflowId, door);
  }

  /** Somebody gets a socket at the door of all, and hears of their run over it. */
  async listensAndRuns(user: string): Promise<void> {
    const person = this.stage.person(user);
    const listener = await person.listen().live();
    await oneRun(person, this.workflowId);
    await listener.heard(() => listener.ofType('WORKFLOW_COMPLETED').length > 0, 'the end of the run');
    await listener.close();
  }

  /** Memory and descriptors of the victim are where they were. */
  async expectAtRest(before: { heap: number; descriptors: number }): Promise<void> {
    await until(async () => (await this.victim.descriptors()) <= before.descriptors + DESCRIPTOR_SLACK, {
      timeoutMs: 20_000,
      what: `the descriptors to be back at ${before.descriptors}`,
    });
    const grown = (await this.victim.heap()) - before.heap;
    expect(grown, 'bytes of heap more than before').to.be.lessThan(HEAP_SLACK);
  }

  /** Limits, comforts and providers as they were before an administrator played with them. */
  async switchBack(): Promise<void> {
    const { authorization } = this.known;
    const patch = async (what: string, body: unknown) => {
      const answer = await fetch(`${this.nginxUrl}/api/v1/admin/${what}`, {
        method: 'PATCH',
        headers: { Authorization: authorization.admin, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status, what).to.equal(200);
    };
    await patch('capacity', {
      max_users: 10_000,
      max_workflows: 1_000,
      hard_limit_users: 0,
      queue_max: 100_000,
      queue_max_per_user: 20,
      queue_timeout_seconds: 300,
      drain_per_second: 10,
    });
    await patch('features', { typing: 'auto', presence: 'auto', read_receipts: 'auto' });
    await patch('providers', { forced: null });
  }

  async close(): Promise<void> {
    this.victim.replica.signal('SIGKILL');
    await this.victim.replica.exited;
    await this.stage.close();
  }
}
