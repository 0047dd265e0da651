/** What a watch view wants on the screen. */
export type ScreenOperation =
  /** A finished line, kept. It ends the status before it, unless it is only an `aside`. */
  | { kind: 'line'; text: string; aside?: boolean }
  /** Characters as they are, line feeds included. */
  | { kind: 'raw'; text: string }
  /**
   * What is going on right now. A terminal keeps it moving on its last line until something else is written; elsewhere
   * it becomes one line for each new `key`, unless it is `motion` only (a line that says as much follows).
   */
  | { kind: 'status'; key: string; motion?: boolean; text(now: number): string };
