import { freePort, isPortFree } from '../servers/free-port.ts';
import { readJson, writeJson } from './json-file.ts';
import type { StateDir } from './state-dir.ts';

/** The private ports of a cluster by name, chosen free once and remembered, so that addresses stay the same over restarts. */
export class Ports {
  private readonly file: string;
  private readonly byName: Record<string, number>;

  constructor(state: StateDir) {
    this.file = state.file('ports.json');
    this.byName = readJson<Record<string, number>>(this.file) ?? {};
  }

  /** The remembered port; undefined: none was ever chosen. */
  known(name: string): number | undefined {
    return this.byName[name];
  }

  async get(name: string): Promise<number> {
    return this.byName[name] ?? (await this.choose(name));
  }

  /** For a part that is not running: its port, or another one when a stranger has taken it meanwhile. */
  async getFree(name: string): Promise<number> {
    const known = this.byName[name];
    return known !== undefined && (await isPortFree(known)) ? known : await this.choose(name);
  }

  private async choose(name: string): Promise<number> {
    const port = await freePort(new Set(Object.values(this.byName)));
    // Two parts may choose at the same time: the one that comes back second must not get the same.
    if (Object.values(this.byName).includes(port)) return this.choose(name);
    this.byName[name] = port;
    writeJson(this.file, this.byName);
    return port;
  }
}
