import { existsSync } from 'node:fs';
import type { MonitoringBinaries } from '../../install/ensure-programs.ts';
import { signalProcess } from '../../processes/stop-process.ts';
import type { Progress } from '../../progress.ts';
import { PROGRAMS } from '../../servers/program-names.ts';
import type { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import { AlertmanagerFiles, alertmanagerPart } from './alertmanager-part.ts';
import { exporterParts } from './exporter-parts.ts';
import { grafanaPart } from './grafana-part.ts';
import { MONITORING_PARTS, type MonitoringPlan, monitoringPlan } from './plan.ts';
import { PrometheusFiles, prometheusPart } from './prometheus-part.ts';

/** The parts that watch a cluster: none, unless its plan asks for them. `replicas()` are the names of those that should be watched now. */
export class Monitoring {
  /** In the order of starting. */
  readonly parts: readonly Part[];
  private readonly files: Files;

  constructor(
    private readonly plan: ClusterPlan,
    replicas: () => readonly string[],
  ) {
    this.files = filesOf(plan, plan.monitoring ?? monitoringPlan({}), replicas);
    this.parts = plan.monitoring === null ? [] : partsOf(plan, plan.monitoring, this.files);
  }

  part(name: string): Part | undefined {
    return this.parts.find((part) => part.name === name);
  }

  /** Starts what is missing, one after the other, and tells what runs about changes. */
  async up(ensure: (part: Part) => Promise<void>, progress: Progress): Promise<void> {
    const missing = this.parts.filter((part) => part.running() === null);
    const start = async () => {
      for (const part of missing) await ensure(part);
    };
    const names = new Intl.ListFormat('en').format(missing.map((part) => part.name));
    if (missing.length > 0) await progress.step(`Starting ${names}`, start, () => `${names} ready`);
    const reloaded = await this.refresh();
    if (reloaded.length > 0) progress.say(`  ✓ ${reloaded.join(' and ')} told about what changed`);
  }

  /** Tells what runs about replicas that came or went, ports that moved and settings that changed. Resolves to the parts that read their configuration again. */
  async refresh(): Promise<string[]> {
    const reloaded: string[] = [];
    for (const [name, files] of Object.entries(this.files)) {
      const ref = this.part(name)?.running() ?? null;
      if (ref !== null && (await files.write()) && signalProcess(ref, 'SIGHUP')) reloaded.push(name);
    }
    return reloaded;
  }

  /** Parts of an earlier monitoring that the plan does not ask for. */
  surplus(): Part[] {
    const { plan } = this;
    const left = MONITORING_PARTS.filter(
      (name) => existsSync(plan.state.pidFile(name)) && this.part(name) === undefined,
    );
    if (left.length === 0) return [];
    const named = Object.fromEntries(left.map((name) => [name, { path: PROGRAMS[name].files[0], environment: {} }]));
    return partsOf(plan, monitoringPlan(named as MonitoringBinaries), this.files);
  }
}

interface Files {
  prometheus: PrometheusFiles;
  alertmanager: AlertmanagerFiles;
}

function filesOf(plan: ClusterPlan, monitoring: MonitoringPlan, replicas: () => readonly string[]): Files {
  return {
    prometheus: new PrometheusFiles(plan, monitoring, replicas),
    alertmanager: new AlertmanagerFiles(plan, monitoring),
  };
}

function partsOf(plan: ClusterPlan, monitoring: MonitoringPlan, files: Files): Part[] {
  const { alertmanager, prometheus, grafana } = monitoring.binaries;
  return [
    ...(alertmanager === undefined ? [] : [alertmanagerPart(plan, alertmanager, files.alertmanager)]),
    ...exporterParts(plan, monitoring),
    ...(prometheus === undefined ? [] : [prometheusPart(plan, prometheus, files.prometheus)]),
    ...(grafana === undefined ? [] : [grafanaPart(plan, grafana)]),
  ];
}
