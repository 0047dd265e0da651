import { mkdirSync } from 'node:fs';
import type { ProcessRef } from '../../processes/process-ref.ts';
import { spawnDetached } from '../../processes/spawn-detached.ts';
import { untilReady } from '../../processes/until-ready.ts';
import type { ServerBinary } from '../../servers/binaries.ts';
import { answers } from '../node-program.ts';
import { Part } from '../part.ts';
import type { ClusterPlan } from '../plan.ts';
import type { MonitoringPartName } from './plan.ts';

export interface MonitoringProgram {
  name: MonitoringPartName;
  binary: ServerBinary;
  /** Path that answers once it serves. */
  readyPath: string;
  /** What it is started with; `port` is the one it must listen on (127.0.0.1). Secrets belong into `env`, which only its owner can read. */
  invocation(port: number): Promise<Invocation>;
}

export interface Invocation {
  args: string[];
  env?: Record<string, string>;
}

/** Reading back a week of samples after a crash takes a while on a slow disk. */
const START_TIMEOUT_MS = 60_000;

/** A program of the monitoring as a part of the cluster. */
export function programPart(plan: ClusterPlan, program: MonitoringProgram): Part {
  const { name, binary } = program;
  const dir = plan.state.part(name);
  const logFile = plan.state.log(name);
  const start = async (onSpawn: (ref: ProcessRef) => void) => {
    const port = await plan.ports.getFree(name);
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    const { args, env } = await program.invocation(port);
    const ref = await spawnDetached({
      command: binary.path,
      args,
      cwd: dir,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...binary.environment, ...env },
      logFile,
    });
    onSpawn(ref);
    const isReady = () => answers(`http://127.0.0.1:${port}${program.readyPath}`);
    await untilReady(ref, { name, logFile, timeoutMs: START_TIMEOUT_MS, isReady });
    return ref;
  };
  const stop = { signal: 'SIGTERM' as const, graceMs: 10_000 };
  return new Part({ name, program: binary.path, workDir: dir, start, stop }, plan.state, plan.onSpawn);
}
