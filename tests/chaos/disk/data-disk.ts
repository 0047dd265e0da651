import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { LocalCluster } from '../../../services/local/local-cluster.ts';

/** Room for the data and twice the log that Postgres keeps (bytes); the file has holes until something is written. */
const SIZE_BYTES = 5e9;

/**
 * A file system of its own under Postgres, a file mounted by the loop driver, which can be filled to the last block while everything else on
 * the machine has room. Only for root in a mount namespace of its own (`unshare --mount`), so that nothing stays mounted when the rig is killed.
 */
export class DataDisk {
  private constructor(private readonly mountPoint: string) {}

  /** Moves the data of Postgres there, which is restarted for it. null: this system does not let us. */
  static async open(cluster: Pick<LocalCluster, 'postgres' | 'logDir'>): Promise<DataDisk | null> {
    if (process.getuid?.() !== 0 || !hasOwnMounts()) return null;
    const root = dirname(cluster.logDir);
    const image = join(root, 'postgres.img');
    const place = join(root, 'parts/postgres');
    const draft = join(root, 'disk');
    closeSync(openSync(image, 'w'));
    truncateSync(image, SIZE_BYTES);
    const mkfs = await execa('mkfs.ext4', ['-q', '-F', '-m', '0', image], { reject: false });
    if (mkfs.failed) return null;
    mkdirSync(draft);
    const mounted = await execa('mount', ['-o', 'loop', image, draft], { reject: false });
    if (mounted.failed) return null;
    await cluster.postgres.stop();
    await execa('cp', ['-a', `${place}/.`, draft]);
    await execa('umount', [draft]);
    for (const name of readdirSync(place)) rmSync(join(place, name), { recursive: true });
    await execa('mount', ['-o', 'loop', image, place]);
    await cluster.postgres.start();
    return new DataDisk(place);
  }

  /** Not a byte more can be written where no block is reserved already. */
  async fill(): Promise<void> {
    const { bavail, bsize } = statfsSync(this.mountPoint);
    await execa('fallocate', ['-l', String(bavail * bsize), `${this.ballast}-1`], { reject: false });
    const file = openSync(`${this.ballast}-2`, 'w');
    try {
      const block = Buffer.alloc(4_096);
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    for (const part of [1, 2]) rmSync(`${this.ballast}-${part}`, { force: true });
  }

  /** Out of the tree at once; the kernel lets go of it when Postgres has. */
  async close(): Promise<void> {
    await execa('umount', ['--lazy', this.mountPoint]);
  }

  private get ballast(): string {
    return join(this.mountPoint, 'ballast');
  }
}

/** Whether what we mount is seen by nobody else and goes with us. */
function hasOwnMounts(): boolean {
  try {
    return readlinkSync('/proc/self/ns/mnt') !== readlinkSync(`/proc/${process.ppid}/ns/mnt`);
  } catch {
    return false;
  }
}
