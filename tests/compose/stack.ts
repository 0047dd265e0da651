import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { freePort } from '../../services/local/servers/free-port.ts';
import { mintToken } from '../../services/local/token.ts';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { type Container, inspect } from './container.ts';

export const ROOT = new URL('../..', import.meta.url).pathname;

/** Longest any one command may take (ms): a build from nothing, on a machine that is busy. */
const COMMAND_LIMIT_MS = 420_000;

interface Outcome {
  code: number | undefined;
  out: string;
  err: string;
}

/** The compose project of this test run: its own name, image, ports and secrets, so that it can be beside any other. */
export class Stack {
  readonly image: string;
  readonly jwtSecret = randomBytes(24).toString('hex');
  /** For what is mounted into containers; made by whoever needs it, and removed at the end. */
  readonly dir: string;

  private constructor(
    readonly project: string,
    readonly ports: { http: number; https: number; prometheus: number; alertmanager: number; grafana: number },
  ) {
    this.image = `weir:${project}`;
    this.dir = join(tmpdir(), project);
  }

  static async create(): Promise<Stack> {
    const [http = 0, https = 0, prometheus = 0, alertmanager = 0, grafana = 0] = await freePorts(5);
    return new Stack(`weir-test-${process.pid}`, { http, https, prometheus, alertmanager, grafana });
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** Runs `docker compose …` as a person would in a clone, without the .env of this clone. */
  async tryCompose(args: string[], settings: Record<string, string> = {}): Promise<Outcome> {
    return this.tryRun('docker', ['compose', ...args], settings);
  }

  /** As `tryCompose`; rejects with what it wrote unless the exit code is 0. Resolves to its standard output. */
  async compose(args: string[], settings: Record<string, string> = {}): Promise<string> {
    const outcome = await this.tryCompose(args, settings);
    if (outcome.code !== 0)
      throw new Error(`docker compose ${args.join(' ')} ended with ${outcome.code}:\n${outcome.err}`);
    return outcome.out;
  }

  async tryRun(file: string, args: string[], settings: Record<string, string> = {}): Promise<Outcome> {
    const result = await execa(file, args, {
      cwd: ROOT,
      env: { ...this.environment(), ...settings },
      extendEnv: false,
      reject: false,
      timeout: COMMAND_LIMIT_MS,
      stdin: 'ignore',
    });
    return { code: result.exitCode, out: result.stdout, err: result.stderr };
  }

  /** Containers of a service, also those that have ended; of all services without a name. */
  async containers(service?: string): Promise<Container[]> {
    const ids = await this.compose(['ps', '--all', '--quiet', ...(service === undefined ? [] : [service])]);
    return inspect(ids.split('\n').filter(Boolean));
  }

  /** Brings the number of replicas to `count` and waits until all are healthy. */
  async scale(count: number): Promise<void> {
    await this.compose(['up', '-d', '--wait', '--scale', `api=${count}`]);
  }

  token(userId: string, role: 'user' | 'admin' = 'user'): Promise<string> {
    return mintToken({
      secret: this.jwtSecret,
      userId,
      role,
      issuer: 'weir',
      audience: 'weir',
      lifetimeSeconds: 3_600,
    });
  }

  api(userId: string, role: 'user' | 'admin' = 'user'): ApiClient {
    const token = this.token(userId, role);
    return new ApiClient({ baseUrl: this.url, token: () => token });
  }

  private environment(): Record<string, string> {
    const own = Object.entries(process.env).filter(([name]) => !/^(WEIR_|COMPOSE_|ALERT_|ROLES$|OTEL_)/.test(name));
    return {
      ...(Object.fromEntries(own) as Record<string, string>),
      COMPOSE_PROJECT_NAME: this.project,
      COMPOSE_ENV_FILES: '/dev/null',
      COMPOSE_PROGRESS: 'quiet',
      WEIR_IMAGE: this.image,
      WEIR_COMMIT: 'test-1',
      WEIR_JWT_SECRET: this.jwtSecret,
      WEIR_HTTP_ADDRESS: '127.0.0.1',
      WEIR_HTTP_PORT: String(this.ports.http),
      WEIR_HTTPS_PORT: String(this.ports.https),
      WEIR_PROMETHEUS_PORT: String(this.ports.prometheus),
      WEIR_ALERTMANAGER_PORT: String(this.ports.alertmanager),
      WEIR_GRAFANA_PORT: String(this.ports.grafana),
      // Tests say where their clients are, as another proxy would.
      WEIR_NGINX_TRUSTED_PROXY: '0.0.0.0/0',
      WEIR_MAX_USERS: '200',
      WEIR_MAX_WORKFLOWS: '40',
    };
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort(ports));
  return [...ports];
}

/** On the global object: mocha loads fixtures and tests through two loaders, so this module exists twice in one process. */
const KEY = Symbol.for('weir.tests.compose');
const store = globalThis as { [KEY]?: Stack };

export function setStack(stack: Stack): void {
  store[KEY] = stack;
}

/** The stack that was brought up for this run. */
export function stackOfThisRun(): Stack {
  const stack = store[KEY];
  if (stack === undefined) throw new Error('These tests are run by: npm run test:compose');
  return stack;
}
