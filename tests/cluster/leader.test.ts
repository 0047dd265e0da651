import { expect } from 'chai';
import type { ClusterReplica } from '../../services/local/local-cluster.ts';
import { mostAtOnce, startOrder } from '../support/cluster/run-record.ts';
import { scrapedMetric } from '../support/cluster/scraped-metric.ts';
import type { SlotWatch } from '../support/cluster/slot-watch.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

const SLOTS = 4;
/** Takes some 25 s to drain with these slots: long enough to lose three leaders on the way. */
const RUNS = 600;
const RUN_SECONDS = 0.15;

describe('the leader, lost in mid-drain', function () {
  this.timeout(60_000);
  let stage: Stage;
  let watch: SlotWatch;
  let ids: string[];

  // Those who lead work on nothing, so that a start that comes twice or late is the leader's doing.
  before(async function () {
    this.timeout(90_000);
    stage = await Stage.open({
      replicas: 4,
      settings: { WEIR_MAX_WORKFLOWS: '0', WEIR_QUEUE_MAX_PER_USER: '1000' },
      settingsOf: (replica) => ({ ROLES: replica === 'replica-4' ? 'api,worker' : 'api,dispatcher' }),
    });
    const workflow_id = await stage.workflow('short', delayStep('wait', RUN_SECONDS));
    // One alone may not send as many at once.
    const people = ['ada', 'ben'].map((name) => stage.person(name));
    const starts = Array.from({ length: RUNS }, (_, n) =>
      people[n % people.length]?.start({ workflow_id }, { at: stage.replica(n + 1) }),
    );
    const answers = await Promise.all(starts);
    expect(new Set(answers.map((answer) => answer?.status))).to.deep.equal(new Set([202]));
    ids = answers.flatMap((answer) => answer?.body.run_id ?? []);
    watch = stage.watchSlots();
    await stage.admin.api().patchCapacity({ max_workflows: SLOTS });
  });
  after(async function () {
    this.timeout(30_000);
    await watch?.stop();
    await stage?.close();
  });

  /** Resolves when so many runs have started. */
  const started = (count: number) =>
    until(async () => startOrder(await stage.record.runs(ids)).length >= count, {
      timeoutMs: 30_000,
      what: `${count} runs to have started`,
    });

  /** Times of all slot grants so far (Unix ms), ascending. */
  async function grants(): Promise<number[]> {
    const times = (await stage.record.runs(ids)).flatMap((run) => run.grantedAt ?? []);
    return times.sort((a, b) => a - b);
  }

  const nextGrantAfter = (at: number) =>
    until(async () => (await grants()).find((time) => time > at), {
      timeoutMs: 15_000,
      what: 'the next start',
    });

  /** With another leader: on the word of the last one slots change hands for a moment without any. */
  async function nextGrantOfAnother(than: ClusterReplica): Promise<number> {
    await until(async () => (await stage.leader()) !== than, { timeoutMs: 15_000, what: 'another leader' });
    return nextGrantAfter(Date.now());
  }

  const leads = async (replica: ClusterReplica) => (await scrapedMetric(replica, 'weir_leader')) === 1;

  it('killed with -9: the queue goes on within 6 seconds', async () => {
    await started(40);
    const leader = await stage.leader();
    await leader.kill();
    const killedAt = Date.now();
    const gap = (await nextGrantOfAnother(leader)) - killedAt;
    expect(gap).to.be.at.most(6_000);
    await leader.start();
  });

  it('stopped gently: the next one goes on without a gap', async () => {
    await started(120);
    const leader = await stage.leader();
    const stoppingAt = Date.now();
    await leader.stop();
    const goneAt = Date.now();
    await nextGrantAfter(goneAt);
    const times = (await grants()).filter((time) => time > stoppingAt - 200);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...gaps)).to.be.at.most(1_500);
    await leader.start();
  });

  it('frozen, and back when another one leads: it steps down and does nothing', async () => {
    await started(230);
    const leader = await stage.leader();
    await leader.kill('SIGSTOP');
    const frozenAt = Date.now();
    const gap = (await nextGrantOfAnother(leader)) - frozenAt;
    await leader.kill('SIGCONT');
    expect(gap).to.be.at.most(6_000);
    await until(async () => !(await leads(leader)), { timeoutMs: 5_000, what: 'the frozen leader to step down' });
    const leaders = await Promise.all(stage.cluster.replicas.slice(0, 3).map(leads));
    expect(leaders.filter(Boolean)).to.have.length(1);
  });

  it('through all of it every run started once, in the order of acceptance, and never more at once than the limit', async () => {
    const runs = await stage.record.ended(ids, 30_000);
    expect(
      runs.filter((run) => run.status !== 'succeeded' || run.attempt !== 1),
      'runs that did not succeed in their first attempt',
    ).to.deep.equal([]);
    expect(new Set(runs.map((run) => run.startNo))).to.have.property('size', RUNS);
    expect(startOrder(runs)).to.deep.equal(runs.map((run) => run.id));
    const { looks, mostSlots, mostRunning } = await watch.stop();
    expect(looks).to.be.greaterThan(100);
    expect({ mostSlots, mostAtOnce: mostAtOnce(runs) }).to.deep.equal({ mostSlots: SLOTS, mostAtOnce: SLOTS });
    expect(mostRunning).to.be.at.most(SLOTS);
  });
});
