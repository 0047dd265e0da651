import { expect } from 'chai';
import { incidentPageSchema, incidentSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';

const ADMIN = '/api/v1/admin/incidents';

describe('/api/v1/incidents', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  let root: string;

  beforeEach(async () => {
    cluster = await apiCluster();
    replica = await cluster.addReplica();
    root = await token('root', 'admin');
  });
  afterEach(() => cluster.close());

  const post = (path: string, body: unknown, who = root) => replica.http('POST', path, { token: who, body });
  const slow = { title: 'Slow', impact: 'minor', message: 'We look into it.', components: ['models'] };
  const opened = async (body: object = slow) => incidentSchema.parse((await post(ADMIN, body)).body);

  it('goes from opening to resolved, seen by everybody, and by whom only for administrators', async () => {
    const incident = await opened();
    expect(incident).to.include({ status: 'investigating', automatic: false, cause: null, resolved_at: null });
    for (const status of ['identified', 'monitoring', 'resolved'])
      expect((await post(`${ADMIN}/${incident.id}/updates`, { status, message: `Now ${status}.` })).status).to.equal(
        201,
      );
    const { items } = incidentPageSchema.parse((await replica.http('GET', '/api/v1/incidents')).body);
    expect(items[0]?.resolved_at).to.be.a('string');
    expect(items[0]?.updates.map(({ status, by }) => [status, by])).to.deep.equal([
      ['resolved', null],
      ['monitoring', null],
      ['identified', null],
      ['investigating', null],
    ]);
    const own = (await replica.http('GET', ADMIN, { token: root })).body;
    expect(own.items[0].updates[0].by).to.equal('root');
    expect((await replica.http('GET', '/api/v1/incidents?status=open')).body.items).to.deep.equal([]);
    const late = await post(`${ADMIN}/${incident.id}/updates`, { status: 'resolved', message: 'Again.' });
    expect(late.body.code).to.equal('incident_closed');
  });

  it('is on the status page at once, with when it is expected to be over and how sure that is', async () => {
    await replica.http('GET', '/api/v1/system/status');
    const incident = await opened();
    const due = '2030-01-01T00:00:00.000Z';
    const patched = await replica.http('PATCH', `${ADMIN}/${incident.id}`, {
      token: root,
      body: { estimated_resolution_at: due, impact: 'major' },
    });
    expect(patched.body).to.include({ estimated_resolution_at: due, estimate_confidence: 'high', impact: 'major' });
    const { body } = await (await cluster.addReplica()).http('GET', '/api/v1/system/status');
    expect(body.incidents.map(({ id }: { id: string }) => id)).to.deep.equal([incident.id]);
    expect(body).to.include({ estimated_resolution_at: due, estimate_confidence: 'high' });
    expect(patched.body.updates[0].message).to.match(/^Changed impact: major, estimated resolution: 2030/);
    expect((await replica.http('GET', '/api/v1/incidents')).body.items[0].updates).to.have.length(1);
  });

  it('plans maintenance, which has stages of its own', async () => {
    const plan = { scheduled_for: '2030-01-01T00:00:00.000Z', scheduled_until: '2030-01-01T01:00:00.000Z' };
    const incident = await opened({ ...slow, ...plan });
    expect(incident).to.deep.include({ ...plan, status: 'scheduled', started_at: plan.scheduled_for });
    const { body } = await replica.http('GET', '/api/v1/system/status');
    expect(body.maintenance.map(({ id }: { id: string }) => id)).to.deep.equal([incident.id]);
    expect(body.incidents).to.deep.equal([]);
    const wrong = await post(`${ADMIN}/${incident.id}/updates`, { status: 'resolved', message: 'x' });
    expect(wrong.body.code).to.equal('incident_stage_invalid');
    expect((await post(`${ADMIN}/${incident.id}/updates`, { status: 'completed', message: 'x' })).status).to.equal(201);
  });

  it('refuses what makes no sense, naming the field', async () => {
    const bad: Array<[object, string]> = [
      [{ ...slow, title: ' ' }, 'title'],
      [{ ...slow, components: ['moon'] }, 'components.0'],
      [{ ...slow, status: 'resolved' }, 'status'],
      [{ ...slow, status: 'scheduled' }, 'status'],
      [{ ...slow, scheduled_for: '2030-01-01T00:00:00.000Z' }, 'scheduled_until'],
      [
        { ...slow, scheduled_for: '2030-01-02T00:00:00.000Z', scheduled_until: '2030-01-01T00:00:00.000Z' },
        'scheduled_until',
      ],
    ];
    for (const [body, path] of bad) {
      const answer = await post(ADMIN, body);
      expect(answer.body.code, path).to.equal('validation_failed');
      expect(answer.body.errors.map((error: { path: string }) => error.path).join()).to.contain(path);
    }
    const none = '0198c0de-0000-7000-8000-000000000000';
    expect((await post(`${ADMIN}/${none}/updates`, { status: 'resolved', message: 'x' })).body.code).to.equal(
      'incident_not_found',
    );
    const unknown = await replica.http('PATCH', `${ADMIN}/${none}`, { token: root, body: { title: 'x' } });
    expect(unknown.body.code).to.equal('incident_not_found');
  });

  it('is written by administrators only', async () => {
    const user = await token('ann');
    expect((await post(ADMIN, slow, user)).status).to.equal(403);
    expect((await replica.http('GET', ADMIN, { token: user })).status).to.equal(403);
    expect((await replica.http('GET', '/api/v1/incidents')).status).to.equal(200);
  });
});
