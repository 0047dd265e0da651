import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import type { Listener } from '../support/cluster/listener.ts';
import { mixedRequests } from '../support/cluster/mixed-requests.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';
import { failuresIn, SteadyTraffic } from '../support/cluster/steady-traffic.ts';

const PER_SECOND = 100;
const LISTENERS = 12;

describe('make restart under load', function () {
  this.timeout(180_000);
  let stage: Stage;
  let traffic: SteadyTraffic | undefined;

  before(async () => {
    stage = await Stage.open({
      // The hardest number: there is no third one to fall back on.
      replicas: 2,
      settings: {
        WEIR_MAX_USERS: '100',
        WEIR_MAX_WORKFLOWS: '50',
        WEIR_SHUTDOWN_GRACE_SECONDS: '3',
        WEIR_QUEUE_MAX: '100000',
        WEIR_QUEUE_MAX_PER_USER: '100000',
        // A machine that is short of time must not look like a replica that hangs.
        WEIR_NGINX_ANSWER_TIMEOUT: '20s',
        // So that listeners can come from many networks, and be spread by ip_hash.
        WEIR_NGINX_TRUSTED_PROXY: '127.0.0.1',
      },
    });
  });
  // A test that failed in mid-traffic would send for ever.
  afterEach(async () => void (await traffic?.stop()));
  after(() => stage?.close());

  /** Somebody whose live connection comes from network number `n`. */
  function listenFrom(n: number): Listener {
    const person = stage.person(`listener-${n}`);
    const token = stage.cluster.token(person.id);
    const bearer = bearerEndpoint(stage.cluster.nginxUrl, () => token);
    const endpoint = async (signal: AbortSignal) => {
      const { url, headers } = await bearer(signal);
      return { url, headers: { ...headers, 'X-Forwarded-For': `10.0.${n}.1` } };
    };
    return person.listen(undefined, { endpoint });
  }

  it('loses no request and no event, starts with and without a key happen once, sockets are told and resume elsewhere', async () => {
    const { cluster } = stage;
    const workflow_id = await stage.workflow('short', delayStep('wait', 0));
    const long = await stage.workflow('long', ...Array.from({ length: 20 }, (_, n) => delayStep(`step-${n + 1}`, 1.5)));
    const listeners = await Promise.all(Array.from({ length: LISTENERS }, (_, n) => listenFrom(n).live()));
    const homes = new Set(listeners.map((listener) => listener.replica));
    expect(homes.size, 'sockets are on several replicas').to.be.greaterThan(1);
    for (const { id } of listeners.map((_, n) => stage.person(`listener-${n}`)))
      await stage.person(id).start({ workflow_id: long }, { key: randomUUID() });
    const pids = cluster.replicas.map(({ pid }) => pid);

    const token = await cluster.token('crowd');
    const crowd = mixedRequests({ url: cluster.nginxUrl, token, workflowId: workflow_id });
    const sending = new SteadyTraffic(crowd, PER_SECOND);
    traffic = sending;
    const startedAt = Date.now();
    await cluster.restart();
    const seconds = (Date.now() - startedAt) / 1_000;
    const sent = await sending.stop();

    for (const [index, { pid, id }] of cluster.replicas.entries()) expect(pid, id).not.to.equal(pids[index]);
    expect(failuresIn(sent)).to.deep.equal([]);
    // A machine with other things to do may send fewer.
    expect(sent.length / seconds, 'requests a second').to.be.greaterThan(PER_SECOND / 2);
    expect(new Set(sent.map(({ replica }) => replica)).size, 'replicas that answered').to.equal(2);

    const starts = sent.filter(({ kind }) => kind.startsWith('start')).length;
    const stored = await stage.record.query(`SELECT id FROM runs WHERE user_id = 'crowd'`);
    expect(stored, 'one run for each start').to.have.length(starts);

    for (const [n, listener] of listeners.entries()) {
      const who = `listener ${n}`;
      const told = listener.ofType('SERVER_DRAINING').map((frame) => frame.data.replica);
      expect(told, `${who} was told`).not.to.deep.equal([]);
      // Nobody is sent to the replica that has just sent them away, or refused elsewhere.
      const waits = listener.states.flatMap((state) => (state.kind === 'waiting' ? [state.reason] : []));
      expect(waits, `${who} had to try again`).to.have.length(told.length);
      const greetings = listener.frames.filter(({ type }) => type === 'SNAPSHOT' || type === 'RESUMED');
      expect(
        greetings.map(({ type }) => type),
        `${who} lost its place`,
      ).to.deep.equal(['SNAPSHOT', ...told.map(() => 'RESUMED')]);
      await listener.heard(
        () => listener.runsOf('WORKFLOW_COMPLETED').length === 1,
        `${who} to see its run end`,
        60_000,
      );
      const offsets = listener.stored.map(({ offset }) => offset);
      expect(offsets, who).to.deep.equal(offsets.map((_, index) => index + 1));
    }
  });
});
