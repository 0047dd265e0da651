import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<Value> {
  /** The last answer; kept while it is read anew. */
  value: Value | undefined;
  /** Why the last reading failed, as a sentence. */
  error: string | undefined;
  loading: boolean;
  reload(): void;
}

/** Ms from one reading to the next, maybe by what the last one answered; undefined: read once. */
type Pace<Value> = number | undefined | ((value: Value | undefined) => number | undefined);

/**
 * Reads something when it is first shown, whenever `key` changes, on `reload()`, and at the pace of `every` (not while the page is
 * hidden, nor while a reading is under way: a server that needs longer than the pace would never be heard). A reading that is overtaken by
 * another key or a reload is aborted and its answer dropped.
 */
export function useResource<Value>(
  key: string,
  read: (signal: AbortSignal) => Promise<Value>,
  every?: Pace<Value>,
): Resource<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: string; loading: boolean }>({
    key,
    loading: true,
  });
  const [round, setRound] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  const underWay = useRef(false);
  const value = state.key === key ? state.value : undefined;
  const everyMs = typeof every === 'function' ? every(value) : every;

  // A new round reads again.
  useEffect(() => {
    const abort = new AbortController();
    underWay.current = true;
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    reader
      .current(abort.signal)
      .then((value) => {
        if (!abort.signal.aborted) setState({ key, value, loading: false });
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: sentenceOf(error), loading: false }));
      })
      .finally(() => {
        if (!abort.signal.aborted) underWay.current = false;
      });
    return () => abort.abort();
  }, [key, round]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden && !underWay.current) setRound((value) => value + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  return {
    value,
    error: state.key === key ? state.error : undefined,
    loading: state.loading,
    reload: useCallback(() => setRound((value) => value + 1), []),
  };
}

/** What to tell a person about a failed call; the API's own errors are sentences already. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'This did not work. Please try again.';
}
