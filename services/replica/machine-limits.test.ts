import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { machineLimits } from './machine-limits.ts';

const GIB = 2 ** 30;

describe('limits of the machine', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'weir-limits-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** What a process sees that runs in these groups, on a machine with 8 cores and 16 GiB. */
  function limits(files: Record<string, string>): { cores: number; gib: number } {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${text}\n`);
    }
    const { cpuCores, memoryBytes } = machineLimits({ root, cpuCores: 8, memoryBytes: 16 * GIB });
    return { cores: cpuCores, gib: memoryBytes / GIB };
  }

  it('are those of the machine where nothing limits', () => {
    expect(limits({})).to.deep.equal({ cores: 8, gib: 16 });
    expect(
      limits({ 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': 'max 100000', 'sys/fs/cgroup/memory.max': 'max' }),
    ).to.deep.equal({ cores: 8, gib: 16 });
  });

  it('are those of a container (cgroup v2), also a part of a core', () => {
    const own = { 'sys/fs/cgroup/cpu.max': '50000 100000', 'sys/fs/cgroup/memory.max': String(GIB / 2) };
    expect(limits({ 'proc/self/cgroup': '0::/', ...own })).to.deep.equal({ cores: 0.5, gib: 0.5 });
  });

  it('are the least of all groups above it (cgroup v2)', () => {
    expect(
      limits({
        'proc/self/cgroup': '0::/weir.slice/api.service',
        'sys/fs/cgroup/weir.slice/cpu.max': '150000 100000',
        'sys/fs/cgroup/weir.slice/memory.max': String(4 * GIB),
        'sys/fs/cgroup/weir.slice/api.service/cpu.max': 'max 100000',
        'sys/fs/cgroup/weir.slice/api.service/memory.max': String(3 * GIB),
      }),
    ).to.deep.equal({ cores: 1.5, gib: 3 });
  });

  it('are those of a container (cgroup v1), whose path is that of the host', () => {
    expect(
      limits({
        'proc/self/cgroup': '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '200000',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': String(2 * GIB),
      }),
    ).to.deep.equal({ cores: 2, gib: 2 });
  });

  it('are those of the machine where version 1 says "none" in its way, or more than there is', () => {
    expect(
      limits({
        'proc/self/cgroup': '5:memory:/\n4:cpu:/',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      }),
    ).to.deep.equal({ cores: 8, gib: 16 });
  });

  it('of this process are more than nothing, and no more than the machine has', () => {
    const { cpuCores, memoryBytes } = machineLimits();
    expect(cpuCores).to.be.within(0.01, availableParallelism());
    expect(memoryBytes).to.be.within(2 ** 26, totalmem());
  });
});
