import { keptHeapBytes, watchCollections } from '../kept-heap.ts';
import type { MetricBook } from './metric-book.ts';

/** What the process is and what it has. */
export function processMetrics(book: MetricBook) {
  watchCollections();
  const keptHeap = book.gauge('weir_heap_kept_bytes', {
    by: 'replica',
    help: 'What the last full collection of garbage left in the heap; before the first one, what is in it. Grows only when something is kept for good.',
    collect: () => keptHeap.set(keptHeapBytes()),
  });
  return {
    build: book.gauge('weir_build_info', {
      by: 'replica',
      help: 'Always 1; the labels say what runs. Commit: unknown unless WEIR_COMMIT says it.',
      labels: ['version', 'commit'],
    }),
    cpuLimit: book.gauge('weir_cpu_limit_cores', {
      by: 'replica',
      help: 'Processor cores the process may use: the quota of its cgroup, or those of the machine.',
    }),
    memoryLimit: book.gauge('weir_memory_limit_bytes', {
      by: 'replica',
      help: 'Memory the process may use: the limit of its cgroup, or that of the machine.',
    }),
    loopUtilization: book.gauge('weir_event_loop_utilization', {
      by: 'replica',
      help: 'Share of the time since the last heartbeat in which the event loop was busy, 0 to 1.',
    }),
  };
}
