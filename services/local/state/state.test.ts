import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { testDir } from '../../../tests/support/test-run.ts';
import { UsageError } from '../usage-error.ts';
import { Ports } from './ports.ts';
import { rotateLogs } from './rotate-logs.ts';
import { loadSecrets } from './secrets.ts';
import { StateDir } from './state-dir.ts';

describe('state of a local cluster', () => {
  const fresh = () => new StateDir(testDir('state')).create();

  it('keeps its secrets, readable by the owner only', () => {
    const state = fresh();
    const secrets = loadSecrets(state);
    expect(loadSecrets(state)).to.deep.equal(secrets);
    expect(secrets.jwtSecret.length).to.be.at.least(32);
    expect(statSync(state.file('secrets.json')).mode & 0o777).to.equal(0o600);
  });

  it('remembers its ports, all different', async () => {
    const state = fresh();
    const ports = new Ports(state);
    const chosen = await Promise.all(['a', 'b', 'c', 'd'].map((name) => ports.get(name)));
    expect(new Set(chosen).size).to.equal(4);
    expect(await new Ports(state).get('b')).to.equal(chosen[1]);
  });

  it('chooses another port when a stranger listens on the remembered one', async () => {
    const state = fresh();
    const port = await new Ports(state).get('a');
    const stranger = createServer().listen(port, '127.0.0.1');
    try {
      await new Promise((resolve) => stranger.once('listening', resolve));
      const other = await new Ports(state).getFree('a');
      expect(other).not.to.equal(port);
      expect(await new Ports(state).get('a')).to.equal(other);
    } finally {
      stranger.close();
    }
  });

  it('begins anew when a file in it is damaged', async () => {
    const state = fresh();
    writeFileSync(state.file('ports.json'), '{"a": 12');
    writeFileSync(state.file('secrets.json'), '');
    expect(await new Ports(state).get('a')).to.be.a('number');
    expect(loadSecrets(state).redisPassword).to.be.a('string');
  });

  it('puts large logs aside and leaves small ones', () => {
    const state = fresh();
    writeFileSync(state.log('large'), 'x'.repeat(11));
    writeFileSync(state.log('small'), 'x'.repeat(10));
    rotateLogs(state, 10);
    expect(readdirSync(state.logDir).sort()).to.deep.equal(['large.log.old', 'small.log']);
  });

  it('says in one sentence that its folder cannot be made', () => {
    const file = join(testDir('state'), 'file');
    writeFileSync(file, '');
    expect(() => new StateDir(join(file, 'weir')).create()).to.throw(UsageError, /cannot be written .*WEIR_STATE_DIR/);
  });

  it('lets other users pass, but not look around', () => {
    const root = join(testDir('state'), 'weir');
    mkdirSync(root);
    chmodSync(root, 0o711);
    new StateDir(root).create();
    expect(statSync(join(root, 'logs')).mode & 0o066).to.equal(0);
  });
});
