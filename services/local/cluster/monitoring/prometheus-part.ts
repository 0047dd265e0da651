import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerBinary } from '../../servers/binaries.ts';
import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import { LOAD_TARGETS_FILE } from './load-targets.ts';
import type { MonitoringPlan } from './plan.ts';
import { programPart } from './program-part.ts';
import { prometheusConfiguration, replicaTargets } from './prometheus-configuration.ts';
import { replaceFile } from './replace-file.ts';

/** Enough to look back at last week; some hundred MB at most for a cluster of this size. */
const RETENTION = '7d';

const JOBS = {
  postgres: 'postgres-exporter',
  redis: 'redis-exporter',
  nginx: 'nginx-exporter',
  node: 'node-exporter',
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
} as const;

export class PrometheusFiles {
  private readonly dir: string;

  constructor(
    private readonly plan: ClusterPlan,
    private readonly monitoring: MonitoringPlan,
    private readonly replicas: () => readonly string[],
  ) {
    this.dir = plan.state.part('prometheus');
  }

  get configurationFile(): string {
    return join(this.dir, 'prometheus.yml');
  }

  /** Writes both files; resolves to whether the configuration changed (it must be reloaded then; the list of replicas is read by itself). */
  async write(): Promise<boolean> {
    mkdirSync(this.dir, { recursive: true, mode: 0o711 });
    const targets = join(this.dir, 'replicas.json');
    const internalPorts = this.replicas().map(async (name) => ({
      name,
      internalPort: await this.plan.ports.get(`${name}-internal`),
    }));
    replaceFile(targets, replicaTargets(await Promise.all(internalPorts)));
    const others: Record<string, string> = {};
    for (const [job, part] of Object.entries(JOBS)) {
      if (this.monitoring.binaries[part as (typeof JOBS)[keyof typeof JOBS]] !== undefined)
        others[job] = `127.0.0.1:${await this.plan.ports.get(part)}`;
    }
    return replaceFile(
      this.configurationFile,
      prometheusConfiguration(this.monitoring, {
        replicas: targets,
        others,
        load: this.plan.state.file(LOAD_TARGETS_FILE),
      }),
    );
  }
}

export function prometheusPart(plan: ClusterPlan, binary: ServerBinary, files: PrometheusFiles): Part {
  return programPart(plan, {
    name: 'prometheus',
    binary,
    readyPath: '/-/ready',
    invocation: async (port) => {
      await files.write();
      return {
        args: [
          `--config.file=${files.configurationFile}`,
          `--storage.tsdb.path=${join(plan.state.part('prometheus'), 'data')}`,
          `--storage.tsdb.retention.time=${RETENTION}`,
          `--web.listen-address=127.0.0.1:${port}`,
          `--web.external-url=http://127.0.0.1:${port}`,
        ],
      };
    },
  });
}
