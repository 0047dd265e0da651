/** The person at the keyboard can fix this: printed as one sentence without a stack; exit code 2 for a wrong value, 1 for a state of the machine. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 2,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}
