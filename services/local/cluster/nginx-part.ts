import type { ProcessRef } from '../processes/process-ref.ts';
import { hasConfiguration, type NginxOptions, reloadNginx, startNginx } from '../servers/nginx.ts';
import { nginxConfiguration } from './nginx-configuration.ts';
import { nginxSettings } from './nginx-settings.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';

/** Name of the port with Nginx's own figures in the port book. */
const NGINX_STATUS = 'nginx-status';

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
    if (hasConfiguration(options)) return false;
    await reloadNginx(ref, options);
    return true;
  }

  private async portOf(replica: string): Promise<number> {
    const port = await this.plan.ports.get(replica);
    return (await this.plan.portSeenBy?.(this.name, replica, port)) ?? port;
  }

  private async options(): Promise<NginxOptions> {
    const { plan } = this;
    return {
      binary: plan.binaries.nginx,
      dir: plan.state.part('nginx'),
      port: plan.httpPort,
      configuration: nginxConfiguration({
        httpPort: plan.httpPort,
        statusPort: await (this.running() === null ? plan.ports.getFree(NGINX_STATUS) : plan.ports.get(NGINX_STATUS)),
        replicaPorts: await Promise.all(this.replicas().map((name) => this.portOf(name))),
        accessLog: plan.state.log('access'),
        errorLog: plan.state.log('nginx'),
        statusPageFolder: plan.state.part('status-page'),
        settings: nginxSettings(plan.settings),
      }),
      logFile: plan.state.log('nginx'),
    };
  }
}
