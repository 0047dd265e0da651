import { useState } from 'preact/hooks';
import { sentenceOf } from './use-resource.ts';

export interface Action<Args extends unknown[]> {
  /** Does nothing while it is under way. */
  run(...args: Args): Promise<void>;
  busy: boolean;
  error: string | undefined;
}

/** Something a person sets off: under way, and why it failed. */
export function useAction<Args extends unknown[]>(work: (...args: Args) => Promise<void>): Action<Args> {
  const [state, setState] = useState<{ busy: boolean; error?: string }>({ busy: false });
  return {
    busy: state.busy,
    error: state.error,
    async run(...args) {
      if (state.busy) return;
      setState({ busy: true });
      try {
        await work(...args);
        setState({ busy: false });
      } catch (error) {
        setState({ busy: false, error: sentenceOf(error) });
      }
    },
  };
}
