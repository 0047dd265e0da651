import { nearestName } from '../../../shared/config/nearest-name.ts';
import { UsageError } from '../usage-error.ts';

/** The values given on the command line, each read as what it should be; throws {@link UsageError} where it is not. */
export class OptionValues {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    throw new UsageError(
      `--${name} cannot be "${value}"; did you mean ${nearestName(value, choices)}?`,
      `Possible: ${choices.join(', ')}.`,
    );
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${value}".`);
  }
}
