import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { alertSettingNames } from '../../../services/local/cluster/monitoring/alert-settings.ts';
import { isAlive, type ProcessRef } from '../../../services/local/processes/process-ref.ts';
import { readJson } from '../../../services/local/state/json-file.ts';
import { StateDir } from '../../../services/local/state/state-dir.ts';
import { atEndOfRun, guardProcess, testDir } from '../test-run.ts';

const ROOT = new URL('../../..', import.meta.url);

/** A folder and port in which `make up` works as it would in a clone. */
export class Clone {
  readonly dir = testDir('clone');
  private readonly keys = testDir('no-keys');

  constructor(readonly port: number) {
    // What is unpacked already is not downloaded again.
    const { system } = StateDir.of(process.env);
    if (existsSync(system)) symlinkSync(system, join(this.dir, 'system'));
    atEndOfRun(() => this.weir('down'));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What `make <command>` runs. */
  async weir(command: string, environment: Record<string, string> = {}) {
    const own = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(WEIR_|ALERT_|REPLICAS$|ROLES$|MONITORING$)/.test(name)),
    );
    const place = { WEIR_STATE_DIR: this.dir, WEIR_HTTP_PORT: String(this.port) };
    // Nobody is paged because a test breaks something: neither the keys of the clone nor its `.env` say whom.
    const unset = Object.fromEntries(alertSettingNames().map((name) => [name, '']));
    const env = { ...own, ...place, ...unset, ALERT_SECRETS: this.keys, ...environment };
    const result = await execa(process.execPath, ['--import', 'tsx', 'services/local/main.ts', command], {
      cwd: ROOT,
      env,
      extendEnv: false,
      reject: false,
    });
    for (const ref of Object.values(this.processes())) guardProcess(ref);
    return { code: result.exitCode, out: result.stdout, err: result.stderr };
  }

  /** Living processes by part. */
  processes(): Record<string, ProcessRef> {
    const run = join(this.dir, 'run');
    const all = readdirSync(run, { withFileTypes: true }).map(
      (file) => [file.name.replace('.json', ''), readJson<ProcessRef>(join(run, file.name))] as const,
    );
    return Object.fromEntries(all.flatMap(([part, ref]) => (ref !== null && isAlive(ref) ? [[part, ref]] : [])));
  }

  async get(path: string, init?: RequestInit) {
    const answer = await fetch(`${this.url}${path}`, init);
    return {
      status: answer.status,
      replica: answer.headers.get('x-replica'),
      body: (await answer.json()) as Record<string, unknown>,
    };
  }
}
