import { join } from 'node:path';
import { type NginxSite, nginxConfiguration } from '../../../services/local/cluster/nginx-configuration.ts';
import type { ProcessRef } from '../../../services/local/processes/process-ref.ts';
import { freePort } from '../../../services/local/servers/free-port.ts';
import { type NginxOptions, reloadNginx, startNginx, stopNginx } from '../../../services/local/servers/nginx.ts';
import { guardProcess, testBinary, testDir } from '../test-run.ts';
import type { Upstream } from './upstream.ts';

/** A real Nginx with the real templates in front of upstreams of a test. */
export class NginxRig {
  private constructor(
    readonly options: NginxOptions,
    readonly statusPort: number,
    private readonly site: Pick<NginxSite, 'settings' | 'consoleFolder' | 'statusPageFolder'>,
    private upstreams: Upstream[],
    private readonly process: ProcessRef,
  ) {}

  /** `settings` are variables of nginx/README.md. */
  static async start(
    upstreams: Upstream[],
    settings: Record<string, string> = {},
    more: Pick<NginxSite, 'consoleFolder' | 'statusPageFolder'> = {},
  ): Promise<NginxRig> {
    const site = { settings, ...more };
    const port = await freePort();
    const statusPort = await freePort(new Set([port]));
    const options: NginxOptions = {
      binary: testBinary('nginx'),
      // A folder with a space: clones live where people put them.
      dir: join(testDir('nginx'), 'a b'),
      port,
      configuration: {},
      logFile: join(testDir('nginx-log'), 'error log'),
    };
    options.configuration = configurationOf(options, statusPort, upstreams, site);
    const process = await startNginx({ ...options, onSpawn: guardProcess });
    return new NginxRig(options, statusPort, site, upstreams, process);
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  get accessLog(): string {
    return `${this.options.logFile}.access`;
  }

  /** Puts other upstreams in place of the present ones, or a wrong configuration when `files` says one. */
  async reload(upstreams: Upstream[], files: Record<string, string> = {}): Promise<void> {
    const own = configurationOf(this.options, this.statusPort, upstreams, this.site);
    await reloadNginx(this.process, { ...this.options, configuration: { ...own, ...files } });
    this.upstreams = [...new Set([...this.upstreams, ...upstreams])];
  }

  async close(): Promise<void> {
    await stopNginx(this.process);
    for (const one of this.upstreams) one.close();
  }
}

function configurationOf(
  options: NginxOptions,
  statusPort: number,
  upstreams: Upstream[],
  site: Pick<NginxSite, 'settings' | 'consoleFolder' | 'statusPageFolder'>,
): Record<string, string> {
  return nginxConfiguration({
    httpPort: options.port,
    statusPort,
    replicaPorts: upstreams.map((one) => one.port),
    accessLog: `${options.logFile}.access`,
    errorLog: options.logFile,
    ...site,
  });
}
