import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRef } from '../processes/process-ref.ts';
import { type NginxOptions, reloadNginx, startNginx } from '../servers/nginx.ts';
import { nginxConfiguration } from './nginx-configuration.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';

/** The door of the cluster, in front of `replicas()` (names), which may change while it runs. */
export class NginxPart extends Part {
  constructor(
    private readonly plan: ClusterPlan,
    private readonly replicas: () => readonly string[],
  ) {
    const control = {
      name: 'nginx',
      program: plan.binaries.nginx.path,
      workDir: plan.state.part('nginx'),
      stop: { signal: 'SIGTERM' as const, graceMs: 5_000 },
      start: async (onSpawn: (ref: ProcessRef) => void) => startNginx({ ...(await this.options()), onSpawn }),
    };
    super(control, plan.state, plan.onSpawn);
  }

  /** Puts the present list of replicas in force; false: it already was. Does nothing when Nginx does not run. */
  async refresh(): Promise<boolean> {
    const ref = this.running();
    if (ref === null) return false;
    const options = await this.options();
    if (readFileSync(join(options.dir, 'nginx.conf'), 'utf8') === options.configuration) return false;
    await reloadNginx(ref, options);
    return true;
  }

  private async options(): Promise<NginxOptions> {
    const { plan } = this;
    return {
      binary: plan.binaries.nginx,
      dir: plan.state.part('nginx'),
      port: plan.httpPort,
      configuration: nginxConfiguration({
        httpPort: plan.httpPort,
        replicaPorts: await Promise.all(this.replicas().map((name) => plan.ports.get(name))),
        accessLog: plan.state.log('access'),
      }),
      logFile: plan.state.log('nginx'),
    };
  }
}
