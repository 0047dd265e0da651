let traceParent: string | null = null;

/** Of whom the fetch that is begun right now is a part (`traceparent`); null: of nobody. */
export function fetchingFor(): string | null {
  return traceParent;
}

/**
 * What `work` fetches before it waits for anything carries this `traceparent`. It is added where Node makes the request (fetch-spans.ts): a header
 * that goes through an SDK and fetch is copied and checked six times on its way.
 */
export function fetchInTrace<T>(given: string | null, work: () => T): T {
  const before = traceParent;
  traceParent = given;
  try {
    return work();
  } finally {
    traceParent = before;
  }
}
