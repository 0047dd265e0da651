import type { ModeName } from '../../services/llm-sim/modes/modes.ts';
import type { SettingsPatch } from '../../services/llm-sim/settings.ts';

interface Fault {
  what: string;
  primary: SettingsPatch & { mode: ModeName };
  backup?: ModeName;
  answeredBy: 'primary' | 'backup';
  /** Calls of this run to the primary: one less where failures of the run before complete a row of three. */
  calls: number;
  /** Something had been shown and was taken back. */
  restarts: 0 | 1;
}

/** Faults after which the answer is whole all the same. */
export const SURVIVED_FAULTS: readonly Fault[] = [
  {
    what: '1: 429 with Retry-After, once',
    primary: { mode: 'rate_limited_once' },
    answeredBy: 'primary',
    calls: 2,
    restarts: 0,
  },
  {
    what: '2: 429 without Retry-After, always',
    primary: { mode: 'rate_limited' },
    answeredBy: 'backup',
    calls: 2,
    restarts: 0,
  },
  { what: '3: one 500', primary: { mode: 'error_once' }, answeredBy: 'primary', calls: 2, restarts: 0 },
  { what: '4: 503, always', primary: { mode: 'unavailable' }, answeredBy: 'backup', calls: 2, restarts: 0 },
  { what: '5: TCP reset before the headers', primary: { mode: 'reset' }, answeredBy: 'backup', calls: 2, restarts: 0 },
  { what: '6: no response at all', primary: { mode: 'silent' }, answeredBy: 'backup', calls: 1, restarts: 0 },
  {
    what: '7: first token after 20 s',
    primary: { mode: 'slow', slow_ms: 20_000 },
    answeredBy: 'backup',
    calls: 1,
    restarts: 0,
  },
  {
    what: '8: stream cut after 40 of 60 tokens',
    primary: { mode: 'cut' },
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '9: stream stalled for 30 s with keep-alives',
    primary: { mode: 'stalled', stall_ms: 30_000, keep_alive_ms: 200 },
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '10: malformed chunk in mid-stream',
    primary: { mode: 'malformed' },
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '11: stream without [DONE] and finish reason',
    primary: { mode: 'unfinished' },
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '11b: [DONE] without a finish reason',
    primary: { mode: 'unfinished_done' },
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '12: context length exceeded',
    primary: { mode: 'context_length' },
    answeredBy: 'primary',
    calls: 2,
    restarts: 0,
  },
  {
    what: '14: stream cut, and the backup refuses assistant prefill',
    primary: { mode: 'cut' },
    backup: 'no_prefill',
    answeredBy: 'backup',
    calls: 1,
    restarts: 1,
  },
  {
    what: '16: 503 that names a usage',
    primary: { mode: 'unavailable_billed' },
    answeredBy: 'backup',
    calls: 2,
    restarts: 0,
  },
];
