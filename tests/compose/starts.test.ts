import { expect } from 'chai';
import { execa } from 'execa';
import { PACKAGE_VERSION } from '../../shared/config/package.ts';
import { isHealthy, serviceOf } from './container.ts';
import { stackOfThisRun } from './stack.ts';

/** What the image may add to the one it is built on (bytes). */
const IMAGE_MAX_ADDED_BYTES = 60e6;
const ONE_SHOTS = ['secrets', 'migrate'];

describe('docker compose up -d --wait', () => {
  const stack = stackOfThisRun();

  it('starts every part, three replicas among them, and each is healthy', async () => {
    const containers = await stack.containers();
    expect(containers.map(serviceOf).sort()).to.deep.equal(
      ['api', 'api', 'api', 'llm-sim', 'migrate', 'nginx', 'pgbouncer', 'postgres', 'redis', 'secrets'].sort(),
    );
    for (const container of containers) {
      const name = serviceOf(container);
      if (ONE_SHOTS.includes(name)) expect(container.State, name).to.include({ Status: 'exited', ExitCode: 0 });
      else expect(isHealthy(container), `${name} is healthy`).to.equal(true);
    }
  });

  it('makes Nginx alone reachable from outside', async () => {
    for (const container of await stack.containers()) {
      const published = Object.keys(container.HostConfig.PortBindings ?? {});
      expect(published, serviceOf(container)).to.deep.equal(
        serviceOf(container) === 'nginx' ? ['8080/tcp', '8443/tcp'] : [],
      );
    }
    const { stdout } = await execa('docker', ['network', 'inspect', `${stack.project}_app`, `${stack.project}_data`]);
    for (const network of JSON.parse(stdout) as Array<{ Name: string; Internal: boolean }>)
      expect(network.Internal, `${network.Name} has no way out`).to.equal(true);
  });

  it('lets no part write to its own files, gain a privilege, take the machine or fill the disk with logs', async () => {
    for (const container of await stack.containers()) {
      const name = serviceOf(container);
      const { HostConfig, Config } = container;
      expect(HostConfig.ReadonlyRootfs, `${name}: read-only`).to.equal(true);
      expect(HostConfig.CapDrop, name).to.deep.equal(['ALL']);
      expect(HostConfig.SecurityOpt, name).to.deep.equal(['no-new-privileges:true']);
      expect(HostConfig.LogConfig, name).to.deep.equal({
        Type: 'json-file',
        Config: { 'max-size': '10m', 'max-file': '5' },
      });
      if (name !== 'secrets') expect(Config.User, `${name}: its user`).to.match(/^(node|[1-9]\d*:\d+)$/);
      if (ONE_SHOTS.includes(name)) continue;
      expect(HostConfig.Memory, `${name}: memory limit`).to.be.greaterThan(0);
      expect(HostConfig.NanoCpus, `${name}: processor limit`).to.be.greaterThan(0);
      expect(HostConfig.RestartPolicy.Name, name).to.equal('unless-stopped');
    }
    const written = await stack.tryCompose(['exec', '-T', 'api', 'touch', '/app/dist/other.js']);
    expect(written.code).not.to.equal(0);
    expect(written.err).to.include('Read-only file system');
  });

  it('runs an image that says its version and commit, is small and holds no secret', async () => {
    const { stdout } = await execa('docker', ['image', 'inspect', stack.image, 'node:22-bookworm-slim']);
    const [image, base] = JSON.parse(stdout) as Array<{ Size: number; Config: { Labels: Record<string, string> } }>;
    expect(image?.Config.Labels).to.include({
      'org.opencontainers.image.version': PACKAGE_VERSION,
      'org.opencontainers.image.revision': 'test-1',
    });
    expect((image?.Size ?? Infinity) - (base?.Size ?? 0)).to.be.lessThan(IMAGE_MAX_ADDED_BYTES);
    expect((await fetch(`${stack.url}/health`)).headers.get('x-api-version')).to.equal('1');
    const containers = await stack.containers();
    const history = await execa('docker', ['history', '--no-trunc', stack.image]);
    expect(history.stdout).not.to.include(stack.jwtSecret);
    // The one that hands them out is the one that is given them.
    for (const container of containers.filter((one) => serviceOf(one) !== 'secrets'))
      expect(JSON.stringify(container), serviceOf(container)).not.to.include(stack.jwtSecret);
  });

  it('keeps prepared statements on connections to Postgres that change with every transaction', async () => {
    const out = await stack.compose(['exec', '-T', 'api', 'node', '--input-type=module', '--eval', PREPARED]);
    const { servers, answers } = JSON.parse(out) as { servers: number; answers: number[] };
    expect(answers).to.deep.equal(Array.from({ length: 200 }, (_, n) => n));
    expect(servers, 'one client met several connections').to.be.greaterThan(1);
  });

  it('refuses to start in production without secrets, says which, and makes nothing', async () => {
    const project = `${stack.project}-none`;
    const refused = await stack.tryCompose(['-p', project, 'up', '-d', '--wait'], {
      WEIR_MODE: 'production',
      WEIR_JWT_SECRET: '',
    });
    expect([refused.code === 0, refused.out]).to.deep.equal([false, '']);
    expect(refused.err).to.include('WEIR_DATABASE_PASSWORD is missing a value: Put one into .env');
    const made = await execa('docker', ['ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`]);
    expect(made.stdout).to.equal('');
  });

  it('in production runs without the simulator', async () => {
    const services = await stack.compose(['config', '--services'], {
      WEIR_MODE: 'production',
      WEIR_DATABASE_PASSWORD: 'a-password-of-some-length',
      WEIR_REDIS_PASSWORD: 'a-password-of-some-length',
      WEIR_LLM_PRIMARY_BASE_URL: 'https://models.example.com/v1',
    });
    expect(services.split('\n').sort()).to.deep.equal(
      ['api', 'migrate', 'nginx', 'pgbouncer', 'postgres', 'redis', 'secrets'].sort(),
    );
  });
});

/** One client and its rivals use a named statement in turn through the pooler; how many server connections did it meet? */
const PREPARED = `
  import { readFileSync } from 'node:fs';
  import pg from 'pg';
  const connectionString = readFileSync('/run/secrets/weir/database_url', 'utf8').trim();
  const clients = Array.from({ length: 6 }, () => new pg.Client({ connectionString }));
  await Promise.all(clients.map((client) => client.connect()));
  const ask = (client, n) =>
    client.query({ name: 'probe', text: 'SELECT $1::int AS n, pg_backend_pid() AS server', values: [n] }).then(({ rows }) => rows[0]);
  const met = new Set(), answers = [];
  for (let n = 0; n < 200; n++) {
    const rivals = clients.slice(1).map((client) => ask(client, -1));
    const { server, n: answer } = await ask(clients[0], n);
    met.add(server);
    answers.push(answer);
    await Promise.all(rivals);
  }
  await Promise.all(clients.map((client) => client.end()));
  console.log(JSON.stringify({ servers: met.size, answers }));
`;
