import type { ProcessRef } from '../../services/local/processes/process-ref.ts';
import { signalProcess, untilGone } from '../../services/local/processes/stop-process.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { guardProcess } from './test-run.ts';

/** A server of one test, which may be stopped, killed and started again on the same port with its data. */
export interface PrivateServer {
  readonly port: number;
  readonly pid: number;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Freezes and thaws it: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Starts it again after `stop` or `kill`. */
  start(): Promise<void>;
}

/** Starts a server on a free port; `start` is tried on another one when somebody took the port in between. */
export async function privateServer(control: {
  start: (place: { port: number; onSpawn: (ref: ProcessRef) => void }) => Promise<ProcessRef>;
  stop: (ref: ProcessRef) => Promise<unknown>;
}): Promise<PrivateServer> {
  let port = await freePort();
  let ref = await control.start({ port, onSpawn: guardProcess }).catch(async () => {
    port = await freePort();
    return control.start({ port, onSpawn: guardProcess });
  });
  return {
    port,
    get pid() {
      return ref.pid;
    },
    async stop() {
      signalProcess(ref, 'SIGCONT');
      await control.stop(ref);
    },
    async kill() {
      signalProcess(ref, 'SIGKILL');
      await untilGone(ref, 10_000);
    },
    pause: () => void signalProcess(ref, 'SIGSTOP'),
    resume: () => void signalProcess(ref, 'SIGCONT'),
    async start() {
      ref = await control.start({ port, onSpawn: guardProcess });
    },
  };
}
