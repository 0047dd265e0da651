/** What the shell learns from `$?`; shown by `weir help`. */
export const EXIT_CODES = {
  ok: 0,
  /** The run ended, but failed, was cancelled or waited too long. */
  runFailed: 1,
  usage: 2,
  /** The server understood and said no (4xx). */
  refused: 3,
  /** No server, no answer, or 5xx. */
  unavailable: 4,
  /** 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
