import { wait } from '../../shared/protocol/client/wait.ts';

/**
 * What must not grow for ever. In bytes: memory, all of it; heap, what its last full collection left; objects, what of the heap is not compiled
 * code; native, memory beside the heap. Handles: open file descriptors; connections: to Postgres (replica), of clients (Redis).
 */
export type Quantity = 'memory' | 'heap' | 'objects' | 'native' | 'handles' | 'connections';

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
  /** What is in the heaps. Each replica stands still for a second or two, one after the other. */
  look(): Promise<Vital[]>;
  close(): Promise<void>;
}

/** Series of a replica's metrics page. */
const SERIES: Record<Exclude<Quantity, 'objects' | 'native'> | 'reserved', RegExp> = {
  memory: /^process_resident_memory_bytes(?:\{.*\})? (\S+)$/m,
  reserved: /^nodejs_heap_size_total_bytes(?:\{.*\})? (\S+)$/m,
  heap: /^weir_heap_kept_bytes(?:\{.*\})? (\S+)$/m,
  handles: /^process_open_fds(?:\{.*\})? (\S+)$/m,
  connections: /^weir_postgres_pool_connections\{.*state="total".*\} (\S+)$/m,
};

/** Those of a replica, from its page of metrics. */
export function vitalsOfReplica(part: string, page: string): Vital[] {
  const of = (name: keyof typeof SERIES) => Number(SERIES[name].exec(page)?.[1] ?? Number.NaN);
  const values: Record<Exclude<Quantity, 'objects'>, number> = {
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

export interface Watching {
  source: VitalsSource;
  everyMs: number;
  /** Asked each time: whether to look into the heaps now. */
  isLookDue(): boolean;
  signal: AbortSignal;
}

/** Reads every `everyMs` until `signal` aborts. */
export async function watchVitals(
  { source, everyMs, isLookDue, signal }: Watching,
  see: (at: number, vitals: Vital[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    see(Date.now(), await source.read());
    // Looking takes seconds, and the users may have left when it is over.
    const at = Date.now();
    if (isLookDue()) see(at, await source.look());
    await wait(everyMs, signal).catch(() => {});
  }
}
