/** A length of time as a person says it: `420 ms`, `3.2 s`, `48 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`. Negative counts as 0. */
export function duration(ms: number): string {
  if (ms < 0 || Number.isNaN(ms)) return '0 ms';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** As {@link duration} with a whole number of seconds, for what is counted rather than measured. */
export function wholeSeconds(ms: number): string {
  return duration(Math.max(0, Math.round(ms / 1000)) * 1000)
    .replace('.0 s', ' s')
    .replace(/^0 ms$/, '0 s');
}

/** A length of time that is only guessed, in seconds, without false precision: `about 12 s`, `about 4 min`. */
export function estimate(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return seconds < 5_400 ? `about ${Math.round(seconds / 60)} min` : `about ${Math.round(seconds / 3_600)} h`;
}

/** Milliseconds of a fast thing: `0.4 ms`, `12 ms`. */
export function latency(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms);
}

/** How long ago an ISO time was at `now` (Unix ms). A clock that runs ahead of ours counts as "just now". */
export function ago(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  return ms < 1_000 ? 'just now' : `${wholeSeconds(ms)} ago`;
}

/** An ISO time for reading: `2026-11-20 22:56:01 UTC`. */
export function instant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
