import { wait } from '../../shared/protocol/client/wait.ts';

/**
 * What must not grow for ever. In bytes: memory, all of it; heap, what its last full collection left; native, memory beside the heap. Handles:
 * open file descriptors; connections: to Postgres (replica), of clients (Redis).
 */
export type Quantity = 'memory' | 'heap' | 'native' | 'handles' | 'connections';
export const IN_BYTES: ReadonlySet<Quantity> = new Set(['memory', 'heap', 'native']);

/** One quantity of one part at one moment. */
export interface Vital {
  /** `replica-1`, `redis`. */
  part: string;
  quantity: Quantity;
  value: number;
}

/** Where they are read. A part that does not answer gives none. */
export interface VitalsSource {
  read(): Promise<Vital[]>;
  close(): void;
}

/** Series of a replica's metrics page. */
const SERIES = {
  memory: /^process_resident_memory_bytes(?:\{.*\})? (\S+)$/m,
  reserved: /^nodejs_heap_size_total_bytes(?:\{.*\})? (\S+)$/m,
  heap: /^weir_heap_kept_bytes(?:\{.*\})? (\S+)$/m,
  handles: /^process_open_fds(?:\{.*\})? (\S+)$/m,
  connections: /^weir_postgres_pool_connections\{.*state="total".*\} (\S+)$/m,
};

/** Those of a replica, from its page of metrics. */
export function vitalsOfReplica(part: string, page: string): Vital[] {
  const of = (name: keyof typeof SERIES) => Number(SERIES[name].exec(page)?.[1] ?? Number.NaN);
  const values: Record<Quantity, number> = {
    memory: of('memory'),
    heap: of('heap'),
    native: of('memory') - of('reserved'),
    handles: of('handles'),
    connections: of('connections'),
  };
  return Object.entries(values).flatMap(([quantity, value]) =>
    Number.isFinite(value) ? [{ part, quantity: quantity as Quantity, value }] : [],
  );
}

/** Those of Redis, from its answer to INFO. */
export function vitalsOfRedis(info: string): Vital[] {
  const of = (quantity: Quantity, name: string): Vital[] => {
    const value = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1];
    return value === undefined ? [] : [{ part: 'redis', quantity, value: Number(value) }];
  };
  return [...of('memory', 'used_memory'), ...of('connections', 'connected_clients')];
}

/** Reads every `everyMs` until `signal` aborts. */
export async function watchVitals(
  { source, everyMs, signal }: { source: VitalsSource; everyMs: number; signal: AbortSignal },
  see: (at: number, vitals: Vital[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    see(Date.now(), await source.read());
    await wait(everyMs, signal).catch(() => {});
  }
}
