import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<Value> {
  /** The last answer; kept while it is read anew. */
  value: Value | undefined;
  /** Why the last reading failed, as a sentence. */
  error: string | undefined;
  loading: boolean;
  reload(): void;
}

/**
 * Reads something when it is first shown, whenever `key` changes, on `reload()`, and every `everyMs` if given (not while the page is
 * hidden). A reading that is overtaken is aborted and its answer dropped.
 */
export function useResource<Value>(
  key: string,
  read: (signal: AbortSignal) => Promise<Value>,
  everyMs?: number,
): Resource<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: string; loading: boolean }>({
    key,
    loading: true,
  });
  const [round, setRound] = useState(0);
  const reader = useRef(read);
  reader.current = read;

  // A new round reads again.
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }));
    reader
      .current(abort.signal)
      .then((value) => setState({ key, value, loading: false }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: sentenceOf(error), loading: false }));
      });
    return () => abort.abort();
  }, [key, round]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) setRound((value) => value + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  return {
    value: state.key === key ? state.value : undefined,
    error: state.key === key ? state.error : undefined,
    loading: state.loading,
    reload: useCallback(() => setRound((value) => value + 1), []),
  };
}

/** What to tell a person about a failed call; the API's own errors are sentences already. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'This did not work. Please try again.';
}
