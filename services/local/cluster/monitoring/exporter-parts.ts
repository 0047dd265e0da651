import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import { cacheUrl, firstDatabaseUrl } from '../server-parts.ts';
import type { MonitoringPartName, MonitoringPlan } from './plan.ts';
import { type Invocation, programPart } from './program-part.ts';

type ExporterName = Extract<MonitoringPartName, `${string}-exporter`>;

/** How each exporter is started. Passwords go by environment: every user of the machine can read a command line. */
const INVOCATIONS: Record<ExporterName, (plan: ClusterPlan, listen: string) => Promise<Invocation>> = {
  'node-exporter': async (_plan, listen) => ({ args: [`--web.listen-address=${listen}`] }),
  'postgres-exporter': async (plan, listen) => ({
    args: [`--web.listen-address=${listen}`],
    env: { DATA_SOURCE_NAME: await exporterDatabaseUrl(plan) },
  }),
  'redis-exporter': async (plan, listen) => ({
    args: [`-web.listen-address=${listen}`],
    env: { REDIS_ADDR: await cacheUrl(plan) },
  }),
  'nginx-exporter': async (plan, listen) => ({
    args: [`-web.listen-address=${listen}`, `-nginx.scrape-uri=${await nginxStatusUrl(plan)}`],
  }),
};

export function exporterParts(plan: ClusterPlan, monitoring: MonitoringPlan): Part[] {
  return (Object.keys(INVOCATIONS) as ExporterName[]).flatMap((name) => {
    const binary = monitoring.binaries[name];
    if (binary === undefined) return [];
    const invocation = (port: number) => INVOCATIONS[name](plan, `127.0.0.1:${port}`);
    return [programPart(plan, { name, binary, readyPath: '/', invocation })];
  });
}

/** The exporter's driver insists on TLS unless told; our own Postgres has none, another one's address says what it wants. */
async function exporterDatabaseUrl(plan: ClusterPlan): Promise<string> {
  return plan.settings.WEIR_DATABASE_URL ?? `${await firstDatabaseUrl(plan)}?sslmode=disable`;
}

/** Page with Nginx's own counters, on a port of its own that only this machine reaches. */
async function nginxStatusUrl(plan: ClusterPlan): Promise<string> {
  return `http://127.0.0.1:${await plan.ports.get('nginx-status')}/stub_status`;
}
