import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import { UsageError } from '../usage-error.ts';

/** Where everything of one local cluster lives: data, logs, pid files, secrets. */
export class StateDir {
  constructor(readonly root: string) {}

  /** `WEIR_STATE_DIR` (relative to the clone) or `.weir` in the clone. */
  static of(environment: NodeJS.ProcessEnv): StateDir {
    return new StateDir(resolve(PACKAGE_ROOT, environment.WEIR_STATE_DIR || '.weir'));
  }

  /** Makes the folders. Others may pass through (Postgres may run as another user) but not look around. */
  create(): this {
    try {
      for (const folder of [this.root, this.runDir, this.logDir]) mkdirSync(folder, { recursive: true, mode: 0o711 });
      for (const folder of [this.root, this.runDir, this.logDir])
        accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new UsageError(
        `${this.root} cannot be written (${(error as NodeJS.ErrnoException).code}): it may belong to another user; choose another folder with WEIR_STATE_DIR.`,
      );
    }
    return this;
  }

  get runDir(): string {
    return join(this.root, 'run');
  }

  get logDir(): string {
    return join(this.root, 'logs');
  }

  /** Data and working folder of one part. */
  part(name: string): string {
    return join(this.root, 'parts', name);
  }

  log(part: string): string {
    return join(this.logDir, `${part}.log`);
  }

  pidFile(part: string): string {
    return join(this.runDir, `${part}.json`);
  }

  file(name: string): string {
    return join(this.root, name);
  }

  /** Servers from unpacked packages. */
  get system(): string {
    return join(this.root, 'system');
  }
}
