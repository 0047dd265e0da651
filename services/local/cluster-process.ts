import type { Part } from './cluster/part.ts';
import type { PostgresPair } from './cluster/postgres-pair.ts';

/** A process of the cluster that can be ended and started again, on the same port with the same data. */
export interface ClusterProcess {
  /** null: it does not run. */
  readonly pid: number | null;
  /** Sends a signal (default SIGKILL, which is waited for); SIGSTOP and SIGCONT freeze and thaw. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it in an orderly way and waits. */
  stop(): Promise<void>;
  /** Starts it and waits until it is ready. */
  start(): Promise<void>;
}

export interface ClusterServer extends ClusterProcess {
  readonly url: string;
}

/** `part` null: the settings name a server elsewhere, which is not ours to stop. */
export function control(part: Part | null): ClusterProcess {
  const own = () => {
    if (part === null) throw new Error('The settings of this cluster name another server; it is not ours to control.');
    return part;
  };
  return {
    get pid() {
      return part?.running()?.pid ?? null;
    },
    kill: (signal = 'SIGKILL') => own().kill(signal),
    stop: async () => void (await own().stop()),
    start: async () => void (await own().ensure()),
  };
}

/** The two Postgres of a cluster as whoever breaks them sees them. */
export interface ClusterPair {
  readonly primary: ClusterServer;
  readonly standby: ClusterServer;
  promote(): Promise<void>;
}

export async function controlPair(pair: PostgresPair): Promise<ClusterPair> {
  const servers = new Map<Part, ClusterServer>();
  for (const part of pair.parts) servers.set(part, Object.assign(control(part), { url: await pair.url(part) }));
  const server = (part: Part): ClusterServer => {
    const found = servers.get(part);
    if (found === undefined) throw new Error(`${part.name} is not one of the pair`);
    return found;
  };
  return {
    get primary() {
      return server(pair.primary);
    },
    get standby() {
      return server(pair.standby);
    },
    promote: () => pair.promote(),
  };
}
