import { expect } from 'chai';
import type { TriggerBody } from '../../shared/protocol/http.ts';
import type { Person } from '../support/cluster/person.ts';
import { delayStep, Stage } from '../support/cluster/stage.ts';

/** A race is only seen by running it often. */
const ROUNDS = 40;

describe('repeats and pages across replicas', () => {
  let stage: Stage;
  let ada: Person;
  let body: TriggerBody;

  before(async function () {
    this.timeout(90_000);
    stage = await Stage.open();
    ada = stage.person('ada');
    body = { workflow_id: await stage.workflow('short', delayStep('wait', 0)), payload: { n: 1 } };
    await stage.admin.api().patchCapacity({ queue_max_per_user: 1_000 });
  });
  after(async function () {
    this.timeout(30_000);
    await stage?.close();
  });

  it('the same key sent twice at once to two replicas is one run, and both senders hear of it', async () => {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => `twice-${round}`);
    for (const key of rounds) {
      const answers = await Promise.all([1, 2, 3].map((n) => ada.start(body, { at: stage.replica(n), key })));
      expect(
        answers.map(({ status }) => status),
        key,
      ).to.deep.equal([202, 202, 202]);
      expect(new Set(answers.map((answer) => answer.body.run_id)), key).to.have.property('size', 1);
    }
    const stored = await stage.record.query(`SELECT idempotency_key FROM runs WHERE idempotency_key LIKE 'twice-%'`);
    expect(stored).to.have.length(ROUNDS);
  });

  it('of two different bodies sent at once under one key one is accepted and the other refused with 422', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const key = `differing-${round}`;
      const answers = await Promise.all(
        [1, 2].map((n) => ada.start({ ...body, payload: { n } }, { at: stage.replica(round + n), key })),
      );
      expect(answers.map(({ status }) => status).sort(), key).to.deep.equal([202, 422]);
      const refused = answers.find(({ status }) => status === 422);
      expect(refused?.body.code).to.equal('idempotency_key_reused');
    }
  });

  it('a key is its user’s own, and the same body written otherwise is the same', async () => {
    const first = await ada.start({ ...body, payload: { a: 1, b: [2] } }, { key: 'mine' });
    const again = await ada.start({ payload: { b: [2], a: 1 }, workflow_id: body.workflow_id }, { key: 'mine' });
    const other = await stage.person('bob').start({ ...body, payload: { c: 3 } }, { key: 'mine' });
    expect([first.status, again.status, other.status]).to.deep.equal([202, 202, 202]);
    expect(again.body.run_id).to.equal(first.body.run_id);
    expect(other.body.run_id).not.to.equal(first.body.run_id);
  });

  it('pages read from changing replicas while runs arrive show every run once, in one order', async () => {
    const carol = stage.person('carol');
    const before: string[] = [];
    for (let n = 0; n < 30; n++) before.push((await carol.start(body, { at: stage.replica(n + 1) })).body.run_id);

    const seen: string[] = [];
    let cursor: string | undefined;
    let page = 0;
    do {
      const arriving = [1, 2, 3].map((n) => carol.start(body, { at: stage.replica(n) }));
      const answer = await carol
        .api(stage.replica(++page))
        .listRuns({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      await Promise.all(arriving);
      seen.push(...answer.items.map((run) => run.id));
      cursor = answer.next_cursor ?? undefined;
    } while (cursor !== undefined);

    expect(page).to.be.at.least(5);
    expect(new Set(seen), 'nothing twice').to.have.property('size', seen.length);
    expect(
      seen.filter((id) => before.includes(id)),
      'newest first, none missing',
    ).to.deep.equal(before.toReversed());
  });
});
