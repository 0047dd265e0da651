import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { isAlive, processAt } from '../../services/local/processes/process-ref.ts';
import { signalProcess } from '../../services/local/processes/stop-process.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { writeJson } from '../../services/local/state/json-file.ts';
import { Clone } from '../support/cluster/clone.ts';
import { until } from '../support/until.ts';

describe('a cluster on one machine', function () {
  this.timeout(120_000);
  let clone: Clone;
  let firstUp: Awaited<ReturnType<Clone['weir']>>;

  before(async () => {
    clone = new Clone(await freePort());
    firstUp = await clone.weir('up', { REPLICAS: '2', WEIR_MAX_USERS: '7' });
  });

  after(() => clone.weir('down'));

  it('is started by one command, which shows its progress, the live output of a sample run and the addresses', () => {
    expect(firstUp.err).to.equal('');
    expect(firstUp.code).to.equal(0);
    for (const part of ['postgres', 'redis', 'replica-1', 'replica-2', 'nginx'])
      expect(firstUp.out).to.match(new RegExp(`✓ .*${part}.* ready`));
    expect(firstUp.out)
      .to.include('npx weir run examples/hello.json --watch')
      .and.include(clone.url)
      .and.include('make down');
    expect(Object.keys(clone.processes())).to.have.members([
      'postgres',
      'redis',
      'llm-sim',
      'replica-1',
      'replica-2',
      'nginx',
    ]);
  });

  it('serves the console of this build, and says where', async () => {
    expect(firstUp.out).to.include(`${clone.url}/console/`);
    const page = await (await fetch(`${clone.url}/console/`)).text();
    const [script = 'none'] = /\/console\/assets\/[\w-]+\.js/.exec(page) ?? [];
    expect((await fetch(clone.url + script)).status).to.equal(200);
  });

  it('says that it is up when asked again, and changes nothing', async () => {
    const before = clone.processes();
    const again = await clone.weir('up');
    expect([again.code, again.err]).to.deep.equal([0, '']);
    expect(again.out).to.match(/^Weir is already up with 2 replicas/);
    expect(clone.processes()).to.deep.equal(before);
  });

  it('gives the settings to every replica, and refuses other ones while it is up', async () => {
    const status = await clone.get('/api/v1/system/status');
    expect(status.body.capacity).to.include({ max_users: 7 });
    const other = await clone.weir('up', { WEIR_MAX_USERS: '8' });
    expect([other.code, other.out]).to.deep.equal([2, '']);
    expect(other.err).to.match(/^The cluster is already up .* WEIR_MAX_USERS .*"make down" first[^\n]*$/);
  });

  it('answers a wrong value with one sentence and exit code 2', async () => {
    for (const [environment, sentence] of [
      [{ REPLICAS: 'many' }, /^REPLICAS must be a whole number from 1 to 20, not "many"\.$/],
      [{ WEIR_HTTP_PORT: '0' }, /^WEIR_HTTP_PORT must be/],
      [{ WEIR_MAX_USER: '5' }, /WEIR_MAX_USER is not a setting; did you mean WEIR_MAX_USERS\?/],
    ] as const) {
      const refused = await clone.weir('up', environment);
      expect([refused.code, refused.out]).to.deep.equal([2, '']);
      expect(refused.err).to.match(sentence);
    }
  });

  it('prints a token that works, and nothing else', async () => {
    const { out } = await clone.weir('token', { USER_ID: 'ada' });
    expect(out).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await clone.get('/api/v1/runs', { headers: { Authorization: `Bearer ${out}` } })).status).to.equal(200);
    expect((await clone.weir('token')).code).to.equal(2);
  });

  it('grows and shrinks while it runs', async () => {
    const before = clone.processes();
    expect((await clone.weir('up', { REPLICAS: '3' })).code).to.equal(0);
    expect(clone.processes()).to.include.all.keys('replica-1', 'replica-2', 'replica-3');
    const seen = new Set<string | null>();
    for (let request = 0; request < 60; request++) seen.add((await clone.get('/health')).replica);
    expect([...seen].sort()).to.deep.equal(['replica-1', 'replica-2', 'replica-3']);
    expect((await clone.weir('up', { REPLICAS: '2' })).code).to.equal(0);
    expect(clone.processes()).to.deep.equal(before);
  });

  it('restarts its replicas one after the other and leaves the rest alone', async () => {
    const { 'replica-1': first, 'replica-2': second, ...others } = clone.processes();
    const restarted = await clone.weir('restart');
    expect([restarted.code, restarted.err]).to.deep.equal([0, '']);
    expect(restarted.out).to.match(/✓ replica-1 is back[\s\S]*Restarting replica-2[\s\S]*✓ replica-2 is back/);
    const { 'replica-1': newFirst, 'replica-2': newSecond, ...same } = clone.processes();
    expect(same).to.deep.equal(others);
    for (const [before, now] of [
      [first, newFirst],
      [second, newSecond],
    ]) {
      expect(now).not.to.equal(undefined);
      expect(now).not.to.deep.equal(before);
    }
  });

  it('starts again what died, and only that', async () => {
    const { 'replica-1': killed, ...others } = clone.processes();
    if (killed === undefined) throw new Error('replica-1 does not run');
    signalProcess(killed, 'SIGKILL');
    const restart = await clone.weir('restart');
    expect([restart.code, restart.out], 'no other replica may be taken away now').to.deep.equal([1, '']);
    expect(restart.err).to.match(/^Not all of Weir works, .*"make up"[^\n]*$/);
    expect((await clone.weir('up')).code).to.equal(0);
    const now = clone.processes();
    expect(now).to.include.all.keys(...Object.keys(others), 'replica-1');
    for (const [part, ref] of Object.entries(others)) expect(now[part], part).to.deep.equal(ref);
  });

  it('comes back with its data after kill -9 of everything', async () => {
    const { out: token } = await clone.weir('token', { USER_ID: 'ada' });
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const definition = JSON.stringify({
      name: 'kept',
      steps: [{ name: 'wait', type: 'delay', config: { duration: 0 } }],
    });
    const { status, body } = await clone.get('/api/v1/workflows', { method: 'POST', headers, body: definition });
    expect(status).to.equal(201);
    for (const ref of Object.values(clone.processes())) signalProcess(ref, 'SIGKILL');
    await until(() => Object.keys(clone.processes()).length === 0, { timeoutMs: 5_000, what: 'everything to be dead' });
    const recovered = await clone.weir('up');
    expect([recovered.code, recovered.err]).to.deep.equal([0, '']);
    expect(Object.keys(clone.processes()).filter((part) => part.startsWith('replica-'))).to.have.length(2);
    expect((await clone.get(`/api/v1/workflows/${body.id}`, { headers })).body).to.include({ name: 'kept' });
    expect((await clone.get('/api/v1/system/status')).body.capacity).to.include({ max_users: 7 });
  });

  it('names another port when somebody else has the one it wants', async () => {
    const stranger = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    try {
      const refused = await new Clone(port).weir('up');
      expect([refused.code, refused.out]).to.deep.equal([1, '']);
      expect(refused.err).to.match(
        new RegExp(`^Port ${port} is already used by another program; .*make up WEIR_HTTP_PORT=\\d+$`),
      );
    } finally {
      stranger.close();
    }
  });

  it('is taken down whole, while another cluster and strangers behind recycled process ids go on', async () => {
    const other = new Clone(await freePort());
    expect((await other.weir('up', { REPLICAS: '1' })).code).to.equal(0);
    const otherBefore = other.processes();
    const mine = Object.values(clone.processes());
    // As after a reboot: the number in a pid file belongs to somebody else now, here to this test.
    writeJson(join(clone.dir, 'run', 'replica-9.json'), { pid: process.pid, started: 'before the reboot' });

    const down = await clone.weir('down');
    expect([down.code, down.err]).to.deep.equal([0, '']);
    expect(mine.filter(isAlive)).to.deep.equal([]);
    expect(processAt(process.pid)).not.to.equal(null);
    expect(await fetch(clone.url).catch(() => 'closed')).to.equal('closed');
    expect(other.processes()).to.deep.equal(otherBefore);
    expect((await other.get('/health')).status).to.equal(200);

    expect((await clone.weir('down')).out).to.equal('Weir is not running; nothing to stop.');
    expect((await clone.weir('status')).out).to.equal('Weir is not running here. Start it with: make up');
    expect((await clone.weir('restart')).err).to.equal('Weir is not running here. Start it with: make up');
    expect((await other.weir('down')).code).to.equal(0);
  });
});
