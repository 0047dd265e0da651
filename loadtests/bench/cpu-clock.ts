import { readdirSync, readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** CPU time (µs, user + system) spent so far by those who share the work. On a machine with other work it says more than the wall clock. */
export interface CpuReading {
  node: number;
  redis: number;
  /** NaN where there is no /proc. */
  postgres: number;
}

/** Linux counts the CPU time of processes in hundredths of a second (USER_HZ). */
const TICK_US = 10_000;

/** Reads the three clocks. `postgresPid`: the postmaster; its children are counted with it. */
export async function readCpu(redis: Redis, postgresPid: number): Promise<CpuReading> {
  const { user, system } = process.cpuUsage();
  const info = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return {
    node: user + system,
    redis: (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6,
    postgres: familyCpu(postgresPid),
  };
}

export function cpuBetween(before: CpuReading, after: CpuReading): CpuReading {
  return {
    node: after.node - before.node,
    redis: after.redis - before.redis,
    postgres: after.postgres - before.postgres,
  };
}

/** CPU time (µs) of a process and its children so far; NaN where there is no /proc. */
export function familyCpu(parent: number): number {
  try {
    let ticks = 0;
    for (const entry of readdirSync('/proc')) {
      const pid = Number(entry);
      if (Number.isInteger(pid)) ticks += ticksOf(pid, parent);
    }
    return ticks * TICK_US;
  } catch {
    return Number.NaN;
  }
}

/** 0 for processes of others, and for those that end while being read. */
function ticksOf(pid: number, parent: number): number {
  try {
    // After the command name in parentheses: state, parent, …; user and system time are the 12th and 13th of these.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return pid === parent || Number(fields[1]) === parent ? Number(fields[11]) + Number(fields[12]) : 0;
  } catch {
    return 0;
  }
}
