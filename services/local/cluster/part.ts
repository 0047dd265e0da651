import { rmSync } from 'node:fs';
import { isAlive, type ProcessRef } from '../processes/process-ref.ts';
import { signalProcess, stopProcess, untilGone } from '../processes/stop-process.ts';
import { straysIn } from '../processes/strays.ts';
import { readJson, writeJson } from '../state/json-file.ts';
import type { StateDir } from '../state/state-dir.ts';

/** How one program of the cluster is started and stopped. */
export interface PartControl {
  /** File name of its pid file and log: `postgres`, `replica-2`. */
  name: string;
  /** The program file and the folder it works in: what a lost process is recognised by. */
  program: string;
  workDir: string;
  start(onSpawn: (ref: ProcessRef) => void): Promise<ProcessRef>;
  stop: { signal: NodeJS.Signals; graceMs: number };
}

/**
 * One program of the cluster and the file that remembers its process. Only the process named there, with that start time, or one of the same
 * program in the part's own folder is ever signalled.
 */
export class Part {
  readonly name: string;
  private readonly pidFile: string;

  constructor(
    private readonly control: PartControl,
    state: StateDir,
    private readonly onSpawn: (ref: ProcessRef) => void = () => {},
  ) {
    this.name = control.name;
    this.pidFile = state.pidFile(control.name);
  }

  /** The process, if it lives. */
  running(): ProcessRef | null {
    const ref = readJson<ProcessRef>(this.pidFile);
    return ref !== null && isAlive(ref) ? ref : null;
  }

  /** Starts it unless it runs; resolves when it serves. A start that failed leaves nothing behind. */
  async ensure(): Promise<'kept' | 'started'> {
    if (this.running() !== null) return 'kept';
    try {
      await this.control.start((ref) => {
        writeJson(this.pidFile, ref);
        this.onSpawn(ref);
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
    return 'started';
  }

  /** Resolves to whether there was something to stop. */
  async stop(): Promise<boolean> {
    const ref = this.running();
    const outcome = ref === null ? 'gone' : await stopProcess(ref, this.control.stop);
    const strays = straysIn(this.control.workDir, this.control.program);
    await Promise.all(strays.map((stray) => stopProcess(stray, this.control.stop)));
    rmSync(this.pidFile, { force: true });
    return outcome !== 'gone' || strays.length > 0;
  }

  /** Sends a signal; SIGKILL is waited for. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const ref = this.running();
    if (ref === null) return;
    signalProcess(ref, signal);
    if (signal === 'SIGKILL') await untilGone(ref, 10_000);
  }
}
