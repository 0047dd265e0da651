import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Stage } from '../support/cluster/stage.ts';
import { openSocket } from '../support/nginx/open-socket.ts';
import { rawAnswer } from '../support/nginx/raw-answer.ts';
import { until } from '../support/until.ts';
import { type ScriptedServer, scriptedServer } from '../support/worker/scripted-server.ts';
import { oneRun } from './bystander.ts';
import { readOperations } from './fuzz/operations.ts';

const KEYS = { primary: 'sk-primary-4d81a7c2', backup: 'sk-backup-9b60e3f1' };
const HOOK = 'hook-secret-77c1d0e9';
const TRACES = 'otlp-secret-5b2f6a80';
const BASIC = 'dXNlcjpodHRwLXNlY3JldC0xMjM0';
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';

describe('secrets', function () {
  this.timeout(180_000);
  let stage: Stage;
  let hooks: ScriptedServer;
  let models: ScriptedServer;
  /** What must be found nowhere, by what it is. */
  const secrets = new Map<string, string>();

  before(async () => {
    [hooks, models] = await Promise.all([scriptedServer(), scriptedServer()]);
    // As a provider that says more than it should.
    models.script(
      (response, request) =>
        void response
          .writeHead(401, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ error: { message: `Incorrect API key provided: ${request.headers.authorization}` } })),
    );
    stage = await Stage.open({
      replicas: 2,
      settings: {
        WEIR_LOG_LEVEL: 'debug',
        WEIR_LLM_PRIMARY_BASE_URL: `${models.url}/v1`,
        WEIR_LLM_PRIMARY_API_KEY: KEYS.primary,
        WEIR_LLM_PRIMARY_MODEL: 'm',
        WEIR_LLM_BACKUP_BASE_URL: `${NOWHERE}/v1`,
        WEIR_LLM_BACKUP_API_KEY: KEYS.backup,
        WEIR_LLM_BACKUP_MODEL: 'm',
        WEIR_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1!',
        OTEL_EXPORTER_OTLP_ENDPOINT: NOWHERE,
        OTEL_EXPORTER_OTLP_HEADERS: `authorization=${TRACES}`,
        WEIR_TRACE_SAMPLE_RATIO: '1',
      },
    });
    const { postgres, redis, logDir } = stage.cluster;
    const own = JSON.parse(readFileSync(join(logDir, '../secrets.json'), 'utf8')) as Record<string, string>;
    for (const [name, value] of Object.entries(own)) secrets.set(`the cluster's ${name}`, value);
    secrets
      .set('the password of Postgres', new URL(postgres.url).password)
      .set('the password of Redis', new URL(redis.url).password);
    secrets.set('the primary key', KEYS.primary).set('the backup key', KEYS.backup).set('the webhook secret', HOOK);
    secrets.set('the header for traces', TRACES).set('a basic login', BASIC);
  });
  after(async () => {
    await stage?.close();
    await Promise.all([hooks.close(), models.close()]);
  });

  /** A token of somebody; its signature is what must not be seen. */
  async function tokenOf(user: string, role?: 'admin'): Promise<string> {
    const token = await stage.cluster.token(user, role);
    secrets.set(`the token of ${user}`, token.split('.')[2] ?? '');
    return token;
  }

  function found(): string[] {
    const { logDir } = stage.cluster;
    const files = readdirSync(logDir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.map(({ name }) => name)).to.include.members([
      'replica-1.log',
      'replica-2.log',
      'postgres.log',
      'redis.log',
    ]);
    return files.flatMap((file) => {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8');
      return [...secrets]
        .filter(([, secret]) =>
          [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')].some((form) =>
            text.includes(form),
          ),
        )
        .map(([what]) => `${what} is in ${file.name}: ${lineWith(text, secrets.get(what) ?? '')}`);
    });
  }

  async function drivePaths(): Promise<void> {
    const doors = [stage.cluster.nginxUrl, stage.replica(1).url];
    const token = await tokenOf('alice');
    const forged = `${token.slice(0, -8)}forgedAA`;
    secrets.set('a forged token', forged.split('.')[2] ?? '');
    const { operations } = readOperations();
    for (const door of doors)
      for (const authorization of [`Bearer ${token}`, `Bearer ${forged}`, `Basic ${BASIC}`, `${token}`])
        for (const { method, path } of operations) {
          if (path.includes('drain')) continue;
          const where = path.replace('{id}', '00000000-0000-4000-8000-000000000000');
          // With a body that is none where one is taken: what it says is beside the point of failure.
          const body = method === 'GET' ? {} : { body: `{"headers":{"Authorization":${HOOK}}}` };
          const headers = { Authorization: authorization, 'Content-Type': 'application/json' };
          await (await fetch(`${door}${where}?access_token=${forged}`, { method, headers, ...body })).arrayBuffer();
        }
    for (const door of doors) {
      for (const line of [`X Y: ${HOOK}`, `X-Large: ${'x'.repeat(40_000)}`, `Content-Length: ${HOOK}`])
        await rawAnswer(
          door,
          `GET /api/v1/runs HTTP/1.1\r\nHost: weir\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n${line}\r\n\r\n`,
          { withinMs: 10_000 },
        );
      for (const query of [`?token=${forged}`, `?ticket=${forged}`]) (await openSocket(`${door}`, {}, { query })).end();
      (await openSocket(door, { Authorization: `Bearer ${forged}` })).end();
    }
  }

  async function driveWebhooks(): Promise<void> {
    const step = (name: string, url: string, more: object = {}) =>
      ({
        name,
        type: 'webhook',
        config: { url, headers: { Authorization: `Bearer ${HOOK}`, 'X-Api-Key': HOOK }, ...more },
      }) as const;
    hooks.script((response, request) => {
      if (request.url === '/fails') response.writeHead(500).end(request.headers.authorization);
      else if (request.url === '/moved') response.writeHead(302, { Location: `${NOWHERE}/?key=${HOOK}` }).end();
      else if (request.url === '/gone') response.destroy();
      else response.end('{}');
    });
    const targets = ['/fine', '/fails', '/moved', '/gone'].map((path) => `${hooks.url}${path}`);
    const urls = [...targets, NOWHERE, 'http://not-allowed.example/', `http://user:${HOOK}@127.0.0.1:9/?key=${HOOK}`];
    const ids: string[] = [];
    for (const [n, url] of urls.entries()) {
      const workflow = await stage.workflow(`hook-${n}`, step('call', url, { timeout_seconds: 2 }));
      ids.push((await stage.person('alice').start({ workflow_id: workflow })).body.run_id);
    }
    const ask = await stage.workflow('ask', { name: 'ask', type: 'llm', config: { prompt: 'x', timeout_seconds: 5 } });
    const asked = (await stage.person('alice').start({ workflow_id: ask })).body.run_id;
    await stage.record.ended([...ids, asked], 90_000);
    expect(hooks.seen.every(({ headers }) => headers['x-api-key'] === HOOK)).to.equal(true);
    expect(models.seen.some(({ headers }) => headers.authorization === `Bearer ${KEYS.primary}`)).to.equal(true);
    const told = JSON.stringify(await stage.person('alice').api().getRun(asked));
    expect(told, 'what the user is told').not.to.match(/sk-primary|sk-backup/);
  }

  async function driveSocketsAndOutages(): Promise<void> {
    const nap = await stage.workflow('nap', { name: 'wait', type: 'delay', config: { duration: 0.05 } });
    const person = stage.person('alice');
    const listener = await person.listen().live();
    const { ticket } = await person.api().ticket();
    secrets.set('a ticket', ticket);
    const { ticket: second } = await person.api().ticket();
    secrets.set('a ticket that nobody could take', second);
    (await openSocket(stage.cluster.nginxUrl, {}, { query: `?ticket=${ticket}` })).end();
    for (const replica of stage.cluster.replicas) await replica.kill('SIGKILL');
    (await openSocket(stage.cluster.nginxUrl, {}, { query: `?ticket=${second}` })).end();
    await Promise.all(stage.cluster.replicas.map((replica) => replica.start()));
    await stage.cluster.redis.stop();
    await stage.cluster.postgres.stop();
    expect((await person.start({ workflow_id: nap })).status).to.be.at.least(500);
    await stage.cluster.postgres.start();
    await stage.cluster.redis.start();
    await until(() => oneRun(person, nap).then(() => true), { timeoutMs: 30_000, what: 'a run to go through' });
    await listener.close();
  }

  it('are in no log of the cluster, at the level debug, whatever way they take', async () => {
    await drivePaths();
    await driveWebhooks();
    await driveSocketsAndOutages();
    // The last word of the access log is a second old.
    const id = 'the-last-request';
    await fetch(stage.cluster.nginxUrl, { headers: { 'X-Correlation-Id': id } });
    const isWritten = () =>
      readdirSync(stage.cluster.logDir).some((name) =>
        readFileSync(join(stage.cluster.logDir, name), 'utf8').includes(id),
      );
    await until(isWritten, { timeoutMs: 10_000, what: 'the access log' });
    expect(found()).to.deep.equal([]);
  });
});

function lineWith(text: string, secret: string): string {
  return (text.split('\n').find((line) => line.includes(secret)) ?? 'in another form').slice(0, 300);
}
