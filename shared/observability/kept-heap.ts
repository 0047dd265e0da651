import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';

let kept: number | undefined;
let watching = false;

/** From now on full collections of this process are noticed. */
export function watchCollections(): void {
  if (watching) return;
  watching = true;
  new PerformanceObserver((collections) => {
    if (collections.getEntries().some(isFull)) kept = process.memoryUsage().heapUsed;
  }).observe({ entryTypes: ['gc'] });
}

/** Bytes in the heap after its last full collection; before the first one, what is in it now. V8 lets a heap grow to several times of that. */
export function keptHeapBytes(): number {
  return kept ?? process.memoryUsage().heapUsed;
}

function isFull(collection: PerformanceEntry & { detail?: { kind: number } }): boolean {
  return collection.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
