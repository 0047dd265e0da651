import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { LINGER_MS } from '../../services/api/http/create-api.ts';
import { nginxDefaults } from '../../services/local/cluster/nginx-configuration.ts';
import { NGINX_LOOKS_AGAIN_MS } from '../../services/local/cluster/rolling-restart.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { PACKAGE_ROOT } from '../../shared/config/package.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { toProblem } from '../../shared/errors/problem.ts';
import { WeirError } from '../../shared/errors/weir-error.ts';
import { NginxRig } from '../support/nginx/nginx-rig.ts';
import { upstream } from '../support/nginx/upstream.ts';
import { testDir } from '../support/test-run.ts';

const NGINX = join(PACKAGE_ROOT, 'nginx');
const read = (...path: string[]) => readFileSync(join(NGINX, ...path), 'utf8');

/** Every value of a directive or parameter that is a number of seconds (ms): `fail_timeout=5s`, `keepalive_timeout 2s;`. */
function durationsOf(text: string, name: string): number[] {
  return [...text.matchAll(new RegExp(`${name}[ =](\\d+)s`, 'g'))].map(([, seconds]) => Number(seconds) * 1_000);
}

describe('the configuration of Nginx', () => {
  for (const scheme of ['http', 'https'])
    for (const from of ['files', 'replicas'])
      it(`is taken without a warning: ${scheme}, the console from ${from}`, async () => {
        const dir = testDir('tls');
        const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
        const self = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=localhost'];
        if (scheme === 'https') await execa('openssl', ['req', ...self, '-keyout', key, '-out', certificate]);
        // Its start begins with "nginx -t".
        const rig = await NginxRig.start([await upstream(), await upstream()], {
          WEIR_NGINX_SCHEME: scheme,
          WEIR_NGINX_CONSOLE: from,
          WEIR_NGINX_TLS_LISTEN: `127.0.0.1:${await freePort()}`,
          WEIR_NGINX_TLS_CERTIFICATE: certificate,
          WEIR_NGINX_TLS_KEY: key,
          // Beyond what an ordinary user may open, which is no fault of the configuration.
          WEIR_NGINX_NOFILE: '1024',
          WEIR_NGINX_WORKER_CONNECTIONS: '512',
        });
        await rig.close();
        const said = readFileSync(rig.options.logFile, 'utf8');
        expect(said.split('\n').filter((line) => /\[(warn|error|crit|alert|emerg)\]/.test(line))).to.deep.equal([]);
      });

  it('asks for the variables of defaults.env, no more and no fewer', () => {
    const asked = readdirSync(join(NGINX, 'templates')).flatMap((name) =>
      [...read('templates', name).matchAll(/\$\{([A-Z_]+)\}/g)].map(([, variable]) => variable),
    );
    expect([...new Set(asked)].sort()).to.deep.equal(Object.keys(nginxDefaults()).sort());
    for (const name of readdirSync(join(NGINX, 'snippets')))
      expect(read('snippets', name), `${name} is not filled in`).not.to.match(/\$\{[A-Z]/);
  });

  it('is described with its defaults in README.md', () => {
    const rows = [...read('README.md').matchAll(/^\| `(WEIR_NGINX_[A-Z_]+)` \| `([^`]*)` \|/gm)];
    expect(Object.fromEntries(rows.map(([, name, value]) => [name, value]))).to.deep.equal(nginxDefaults());
  });

  it('has the same defaults in docker-compose.yml', () => {
    const compose = parse(readFileSync(join(PACKAGE_ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
    const { NGINX_ENVSUBST_FILTER, ...environment } = compose.services.nginx.environment as Record<string, string>;
    expect(NGINX_ENVSUBST_FILTER).to.equal('^WEIR_NGINX_');
    const withDefaults = Object.entries(environment).map(([name, value]) => [
      name,
      /^\$\{\w+:-(.*)\}$/s.exec(value)?.[1] ?? value,
    ]);
    // The container's limit of open files is that of every container.
    expect({ ...Object.fromEntries(withDefaults), WEIR_NGINX_NOFILE: '' }).to.deep.equal({
      ...nginxDefaults(),
      WEIR_NGINX_NOFILE: '',
    });
  });

  it('repeats those requests with a key whose answer the API keeps', () => {
    const api = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'docs/openapi.json'), 'utf8')) as {
      paths: Record<string, Record<string, { parameters?: Array<{ name: string }> }>>;
    };
    const keyed = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { parameters = [] }]) => parameters.some(({ name }) => /^idempotency-key$/i.test(name)))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    const map = /\$weir_is_repeatable \{([^}]*)\}/.exec(read('snippets', 'maps.conf'))?.[1] ?? '';
    const repeated = [...map.matchAll(/"~\^(\S+ \S+) \." 1;/g)].map(([, request]) => request);
    expect(repeated.sort()).to.deep.equal(keyed.sort());
  });

  it('answers problems in the words of the catalogue', () => {
    const answers = [...read('snippets', 'problems.conf').matchAll(/return (\d+) '(.*)';/g)];
    expect(answers.length).to.be.greaterThan(5);
    for (const [, status, text = ''] of answers) {
      const { code, retry_after_seconds } = JSON.parse(text.replace('$weir_retry_after', '1')) as {
        code: ErrorCode;
        retry_after_seconds?: number;
      };
      const options = retry_after_seconds === undefined ? {} : { retryAfterSeconds: retry_after_seconds };
      const error = new WeirError(code, options);
      expect(Number(status), code).to.equal(error.status);
      expect(JSON.parse(text.replace('$weir_retry_after', '1'))).to.deep.equal(
        toProblem(error, '$weir_correlation_id'),
      );
    }
  });

  it('keeps connections to replicas for less long than a stopping one lingers, and gives up for less long than a restart waits', () => {
    const replicas = read('templates', 'replicas.conf.template');
    const [keepAliveMs] = durationsOf(replicas, 'keepalive_timeout');
    expect(keepAliveMs).to.be.lessThan(LINGER_MS);
    const pauses = durationsOf(replicas, 'fail_timeout');
    expect(pauses).to.have.length(2);
    for (const pauseMs of pauses) expect(pauseMs).to.be.lessThan(NGINX_LOOKS_AGAIN_MS);
  });
});
