import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../../shared/config/package.ts';
import type { ServerBinary } from '../../servers/binaries.ts';
import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import { programPart } from './program-part.ts';

const GRAFANA = join(PACKAGE_ROOT, 'monitoring/grafana');
const DASHBOARDS = join(GRAFANA, 'dashboards');

/**
 * Grafana with the project's data source and dashboards. On 127.0.0.1 and for one person: everybody who reaches it may look at everything,
 * without a password.
 */
export function grafanaPart(plan: ClusterPlan, binary: ServerBinary): Part {
  const dir = plan.state.part('grafana');
  return programPart(plan, {
    name: 'grafana',
    binary,
    readyPath: '/api/health',
    invocation: async (port) => ({
      args: [`--homepath=${homeOf(binary.path)}`],
      env: {
        GF_SERVER_HTTP_ADDR: '127.0.0.1',
        GF_SERVER_HTTP_PORT: String(port),
        GF_PATHS_DATA: join(dir, 'data'),
        GF_PATHS_LOGS: join(dir, 'logs'),
        GF_PATHS_PLUGINS: join(dir, 'plugins'),
        GF_PATHS_PROVISIONING: join(GRAFANA, 'provisioning'),
        GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(DASHBOARDS, 'weir-system-health.json'),
        GF_LOG_MODE: 'console',
        GF_AUTH_ANONYMOUS_ENABLED: 'true',
        GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
        GF_ANALYTICS_REPORTING_ENABLED: 'false',
        GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
        // Read by the files in monitoring/grafana/provisioning.
        WEIR_PROMETHEUS_URL: `http://127.0.0.1:${await plan.ports.get('prometheus')}`,
        WEIR_DASHBOARDS: DASHBOARDS,
      },
    }),
  });
}

/** Where its pages and defaults are: beside the program as Grafana's own archive has it, or where packages put them. */
function homeOf(program: string): string {
  const beside = join(realpathSync(program), '../..');
  const candidates = [
    beside,
    join(beside, 'share/grafana'),
    '/usr/share/grafana',
    '/opt/homebrew/share/grafana',
    '/usr/local/share/grafana',
  ];
  return candidates.find((folder) => existsSync(join(folder, 'conf/defaults.ini'))) ?? '/usr/share/grafana';
}
