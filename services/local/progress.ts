/** What a person sees while the launcher works: one line per thing begun or done. */
export interface Progress {
  /** A line of its own: a heading, an address. */
  say(line: string): void;
  /** Runs `work` and prints a line when it begins and its outcome (the string it resolves to) when it is done. */
  step<T>(what: string, work: () => Promise<T>, outcome?: (result: T) => string): Promise<T>;
}

export function consoleProgress(write: (text: string) => void = (text) => void process.stdout.write(text)): Progress {
  return {
    say: (line) => write(`${line}\n`),
    async step(what, work, outcome) {
      const begun = performance.now();
      write(`  … ${what}\n`);
      const result = await work();
      const text = outcome?.(result) ?? what;
      write(`  ✓ ${text} (${((performance.now() - begun) / 1_000).toFixed(1)} s)\n`);
      return result;
    },
  };
}

export const silentProgress: Progress = { say: () => {}, step: (_what, work) => work() };
