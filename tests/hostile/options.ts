/** How much is tried, and from which seed everything random follows. */
export interface HostileOptions {
  seed: number;
  /** Requests; sockets are a tenth of them. */
  cases: number;
  /** Sockets that one address tries to open. */
  crowd: number;
}

const CASES = 3_000;
const CROWD = 10_000;

/** `make hostile [SEED=…] [CASES=…] [CROWD=…]`; throws a sentence for people. */
export function hostileOptions(environment: NodeJS.ProcessEnv, random = Math.random): HostileOptions {
  const whole = (name: string, fallback: number) => {
    const text = environment[name] ?? '';
    if (text === '') return fallback;
    if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is a whole number from 0 to 999999999, not "${text}".`);
    return Number(text);
  };
  return {
    seed: whole('SEED', Math.floor(random() * 1_000_000)),
    cases: whole('CASES', CASES),
    crowd: whole('CROWD', CROWD),
  };
}
