/**
 * Hears of runs that a statement has changed, or may have: also of those whose answer was lost, and of those it found changed already.
 * Whatever it sends leaves before it returns, so before the caller of the repository can tell anybody. Resolves when everybody who shows
 * runs knows, or when waiting longer would help nobody; never rejects.
 */
export type RunsChanged = (ids: readonly string[]) => Promise<void>;

/** Nobody shows runs from memory. */
export const NOBODY_HEARS: RunsChanged = async () => {};

/** `change`, after which it is told that these runs have changed. The caller is somebody who looks at the run next, and waits for it. */
export function changing<Result>(
  changed: RunsChanged,
  ids: readonly string[],
  change: Promise<Result>,
): Promise<Result> {
  return change.finally(() => changed(ids));
}

/** The same for changes that a program makes, which has only to tell in the right order. */
export function changingUnwatched<Result>(
  changed: RunsChanged,
  ids: readonly string[],
  change: Promise<Result>,
): Promise<Result> {
  return change.finally(() => void changed(ids));
}
