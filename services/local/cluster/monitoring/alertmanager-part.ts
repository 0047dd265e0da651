import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { PACKAGE_ROOT } from '../../../../shared/config/package.ts';
import { ASSETS_LINK } from '../../install/relocate.ts';
import type { ServerBinary } from '../../servers/binaries.ts';
import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import type { MonitoringPlan } from './plan.ts';
import { programPart } from './program-part.ts';
import { replaceFile } from './replace-file.ts';

const HOME = join(PACKAGE_ROOT, 'monitoring/alertmanager');

/**
 * The configuration of Alertmanager from the template in monitoring/alertmanager, by the same awk program as in the container. `settings`
 * are `ALERT_*` (see the template). Keys are never in it, only the names of the files that hold them.
 */
export async function alertmanagerConfiguration(settings: Readonly<Record<string, string>>): Promise<string> {
  const args = ['-f', join(HOME, 'render.awk'), join(HOME, 'alertmanager.yml.template')];
  const { stdout } = await execa('awk', args, {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ALERT_HOME: HOME, ...settings },
    extendEnv: false,
    stripFinalNewline: false,
  });
  return stdout;
}

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
