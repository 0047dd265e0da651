import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ASSETS_LINK } from '../../install/relocate.ts';
import type { ServerBinary } from '../../servers/binaries.ts';
import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import { alertmanagerConfiguration } from './alert-settings.ts';
import type { MonitoringPlan } from './plan.ts';
import { programPart } from './program-part.ts';
import { replaceFile } from './replace-file.ts';

export class AlertmanagerFiles {
  constructor(
    private readonly plan: ClusterPlan,
    private readonly monitoring: MonitoringPlan,
  ) {}

  get configurationFile(): string {
    return join(this.plan.state.part('alertmanager'), 'alertmanager.yml');
  }

  /** Resolves to whether it changed. */
  async write(): Promise<boolean> {
    const file = this.configurationFile;
    mkdirSync(this.plan.state.part('alertmanager'), { recursive: true, mode: 0o711 });
    return replaceFile(file, await alertmanagerConfiguration(this.monitoring.alerting));
  }
}

export function alertmanagerPart(plan: ClusterPlan, binary: ServerBinary, files: AlertmanagerFiles): Part {
  return programPart(plan, {
    name: 'alertmanager',
    binary,
    readyPath: '/-/ready',
    invocation: async (port) => {
      await files.write();
      linkAssets(binary, plan.state.part('alertmanager'));
      return {
        args: [
          `--config.file=${files.configurationFile}`,
          `--storage.path=${join(plan.state.part('alertmanager'), 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
          `--web.external-url=http://127.0.0.1:${port}`,
          // One alone needs no gossip, and no second port.
          '--cluster.listen-address=',
        ],
      };
    },
  });
}

/** See relocate.ts: an unpacked Alertmanager looks here for what its package holds; an installed one does not look. */
function linkAssets(binary: ServerBinary, dir: string): void {
  const link = join(dir, ASSETS_LINK);
  rmSync(link, { force: true });
  symlinkSync(join(dirname(binary.path), '../share/prometheus/alertmanager'), link);
}
