/** One option of a command. `value` names its argument in the help; without it the option is a switch. */
export interface OptionSpec {
  about: string;
  value?: string;
  short?: string;
}

/** What a command understands: the parser and the help are made from it. */
export interface CommandSpec {
  name: string;
  /** Without the program's name. */
  usage: readonly string[];
  summary: string;
  /** How many arguments it takes; `missing` is the sentence when there are too few. */
  positionals: { min: number; max: number; missing: string };
  options: Readonly<Record<string, OptionSpec>>;
  notes?: readonly string[];
  /** Without the program's name. */
  examples: readonly string[];
}
