import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

export interface MachineLimits {
  cpuCores: number;
  memoryBytes: number;
}

/** For tests: another root of the file system, another machine. */
export interface Machine {
  root: string;
  cpuCores: number;
  memoryBytes: number;
}

const THIS_MACHINE: Machine = { root: '/', cpuCores: availableParallelism(), memoryBytes: totalmem() };

/**
 * What this process may use: the least of the machine's and of what the control groups it is in allow, version 1 or 2
 * (https://docs.kernel.org/admin-guide/cgroup-v2.html). A container changed while it runs is seen by the next call. Never throws: what
 * cannot be read does not limit. Node itself knows the memory (`process.constrainedMemory`), but not the processor quota.
 */
export function machineLimits(machine: Machine = THIS_MACHINE): MachineLimits {
  const { root } = machine;
  const least = (ofMachine: number, values: Array<number | null>) =>
    Math.min(ofMachine, ...values.filter((value) => value !== null && value > 0).map(Number));
  const cpu = levels(root, 'cpu').map((folder) => quotaV1(folder));
  const memory = levels(root, 'memory').map((folder) => number(read(join(folder, 'memory.limit_in_bytes'))));
  const unified = levels(root, '');
  return {
    cpuCores: least(machine.cpuCores, [...cpu, ...unified.map((folder) => quotaV2(folder))]),
    memoryBytes: least(machine.memoryBytes, [
      ...memory,
      ...unified.map((folder) => number(read(join(folder, 'memory.max')))),
    ]),
  };
}

/**
 * Folders of the groups this process is in, from its own up to the root, which bound it all. `controller` '': version 2. In a container
 * the path may be that of the host, where there is nothing; its own group is then the root.
 */
function levels(root: string, controller: string): string[] {
  const top = join(root, 'sys/fs/cgroup', controller);
  const line = (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').find((text) => {
    const [, controllers = ''] = text.split(':');
    return controllers.split(',').includes(controller);
  });
  const path = line?.split(':').slice(2).join(':') ?? '/';
  const folders = [top];
  for (let at = join(top, path); at.startsWith(`${top}/`) && at !== join(top, '/'); at = dirname(at)) folders.push(at);
  return folders;
}

/** `cpu.max`: "<quota> <period>" in µs, or "max <period>". */
function quotaV2(folder: string): number | null {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').split(' ').map((part) => number(part));
  return quota && period ? quota / period : null;
}

/** -1: no quota. */
function quotaV1(folder: string): number | null {
  const quota = number(read(join(folder, 'cpu.cfs_quota_us')));
  const period = number(read(join(folder, 'cpu.cfs_period_us')));
  return quota !== null && quota > 0 && period ? quota / period : null;
}

/** null: "max", nothing, or no number. */
function number(text: string | null): number | null {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isFinite(value) ? value : null;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
