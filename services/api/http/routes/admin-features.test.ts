import { expect } from 'chai';
import { type FeaturesAnswer, featureEventPageSchema, featuresAnswerSchema } from '../../../../shared/protocol/http.ts';
import { COMFORTS } from '../../../../shared/workflow/capacity-level.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { letLevelFall } from '../../../../tests/support/fallen-level.ts';
import { type PrivateRedis, startRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';

const PATH = '/api/v1/admin/features';

describe('/api/v1/admin/features', () => {
  let redis: PrivateRedis;
  let cluster: ApiCluster;
  let one: ApiReplica;
  let two: ApiReplica;
  let admin: string;

  before(async () => {
    redis = await startRedis();
    cluster = await apiCluster({ redisUrl: redis.url });
    [one, two] = [await cluster.addReplica(), await cluster.addReplica()];
    admin = await token('root', 'admin');
  });
  after(async () => {
    await cluster.close();
    await redis.stop();
  });
  afterEach(() => patch({ read_receipts: 'auto', presence: 'auto', typing: 'auto' }));

  const patch = (body: unknown, who = admin) => one.http('PATCH', PATH, { token: who, body });
  const read = async (replica = two): Promise<FeaturesAnswer> =>
    featuresAnswerSchema.parse((await replica.http('GET', PATH, { token: admin })).body);
  const off = (answer: FeaturesAnswer) => answer.features.filter(({ enabled }) => !enabled).map(({ name }) => name);
  const events = async (query = '') =>
    featureEventPageSchema.parse((await two.http('GET', `${PATH}/events${query}`, { token: admin })).body);
  const publicDisabled = async (replica: ApiReplica) =>
    (await replica.http('GET', '/api/v1/system/status')).body.features.disabled;

  it('shows each feature in the order in which it goes, and who forces it', async () => {
    const before = await read();
    expect(before.features).to.deep.equal(COMFORTS.map((name) => ({ name, enabled: true, forced: null })));
    await patch({ presence: 'off', typing: 'on', reason: 'too chatty' });
    const { features } = await read();
    expect(features.map(({ enabled }) => enabled)).to.deep.equal([true, false, true]);
    expect(features.map(({ forced }) => forced)).to.deep.equal([
      null,
      { state: 'off', until: null, by: 'root' },
      { state: 'on', until: null, by: 'root' },
    ]);
  });

  it('is in force on every replica at once, and on the public status; what is not named stays', async () => {
    const answer = await patch({ typing: 'off' });
    expect(answer.status).to.equal(200);
    expect(off(featuresAnswerSchema.parse(answer.body))).to.deep.equal(['typing']);
    expect(one.api.features.watch.isOn('typing'), 'on the one that was asked').to.equal(false);
    await until(() => !two.api.features.watch.isOn('typing'), { timeoutMs: 3_000, what: 'the other one' });
    await until(async () => String(await publicDisabled(two)) === 'typing', { timeoutMs: 5_000, what: 'the status' });
    await patch({ presence: 'off' });
    expect(off(await read())).to.deep.equal(['presence', 'typing']);
    await patch({ presence: 'auto', typing: 'auto' });
    expect(off(await read())).to.deep.equal([]);
  });

  it('forced on wins over a full cluster, and forced off over an empty one', async () => {
    await patch({ typing: 'on' });
    const crowd = Array.from({ length: 23 }, (_, n) => `user-${n}`);
    await cluster.redis.users.join('r1', crowd);
    expect(off(await read())).to.deep.equal(['read_receipts', 'presence']);
    await cluster.redis.users.leave('r1', crowd);
    await letLevelFall(cluster.redis, 'test:api');
    expect(off(await read())).to.deep.equal([]);
    await patch({ typing: 'off' });
    expect(off(await read())).to.deep.equal(['typing']);
  });

  it('ends by itself when it was for a time', async () => {
    const askedAt = Date.now();
    const { body } = await patch({ typing: 'off', for_seconds: 1 });
    const endsAt = Date.parse(body.features[2].forced.until);
    // By the clock of Redis, which is this machine's.
    expect(endsAt).to.be.within(askedAt + 1_000 - 50, Date.now() + 1_000 + 50);
    await until(async () => off(await read()).length === 0, { timeoutMs: 10_000, what: 'the end' });
    const last = await until(async () => (await events('?limit=1')).items.find(({ cause }) => cause === 'lapsed'), {
      timeoutMs: 5_000,
      what: 'the record of it',
    });
    expect(last).to.deep.include({ feature: 'typing', enabled: true, cause: 'lapsed', by: 'system', forced: null });
  });

  it('leaves a row for every change: what, when, who, why, at which level; newest first, in pages', async () => {
    const begun = Date.now();
    await patch({ read_receipts: 'off', typing: 'off', reason: 'maintenance' });
    await patch({ typing: 'auto', reason: 'done' });
    await patch({ typing: 'auto' });
    const first = await events('?limit=2');
    const second = await events(`?limit=1&cursor=${first.next_cursor}`);
    const rows = [...first.items, ...second.items];
    expect(
      rows.map(({ feature, enabled, forced, cause, reason }) => [feature, enabled, forced, cause, reason]),
    ).to.deep.equal([
      ['typing', true, null, 'released', 'done'],
      ['typing', false, 'off', 'forced', 'maintenance'],
      ['read_receipts', false, 'off', 'forced', 'maintenance'],
    ]);
    expect(rows.every(({ by, level }) => by === 'root' && level === 'normal')).to.equal(true);
    expect(Date.parse(rows[2]?.at ?? '')).to.be.within(begun - 50, Date.now() + 50);
    expect(rows.map(({ seq }) => seq)).to.deep.equal([...rows.map(({ seq }) => seq)].sort((a, b) => b - a));
  });

  it('refuses what it does not know, and everybody who is no admin', async () => {
    for (const body of [{}, { typing: 'maybe' }, { dancing: 'off' }, { typing: 'off', for_seconds: 0 }])
      expect((await patch(body)).body).to.include({ status: 400, code: 'validation_failed' });
    const user = await token('ann');
    expect((await patch({ typing: 'off' }, user)).body).to.include({ status: 403, code: 'forbidden' });
    for (const path of [PATH, `${PATH}/events`])
      expect((await one.http('GET', path, { token: user })).status).to.equal(403);
    expect(off(await read())).to.deep.equal([]);
  });

  it('without Redis says that it cannot, keeps what is known, and its record can be read', async () => {
    await patch({ typing: 'off' });
    await redis.kill();
    const answer = await patch({ typing: 'on' });
    expect(answer.body).to.include({ status: 503, code: 'capacity_unavailable' });
    expect(Number(answer.headers['retry-after'])).to.be.at.least(1);
    expect((await one.http('GET', PATH, { token: admin })).status).to.equal(503);
    expect((await events('?limit=1')).items[0]).to.deep.include({ feature: 'typing', enabled: false });
    expect(one.api.features.watch.disabled).to.deep.equal(['typing']);
    await redis.start();
    await until(async () => (await patch({ typing: 'on' })).status === 200, { timeoutMs: 10_000, what: 'Redis' });
    await until(() => two.api.features.watch.isOn('typing'), { timeoutMs: 5_000, what: 'the other replica' });
  }).timeout(30_000);
});
