import { ApiProblem } from '../../shared/protocol/client/api-problem.ts';
import { ApiUnreachable } from '../../shared/protocol/client/api-unreachable.ts';
import { estimate } from '../../shared/wording/duration.ts';
import { EXIT_CODES, type ExitCode } from './exit-code.ts';
import { printable, printableLine } from './render/printable.ts';
import type { Style } from './render/style.ts';
import { renderTable } from './render/table.ts';
import { UsageError } from './usage-error.ts';

/** An error in its three forms: for the shell, for scripts, for people. */
export interface Failure {
  exitCode: ExitCode;
  /** With --json on standard output: the problem document, or `{code, detail}` where no server spoke. */
  document: object;
  lines: string[];
}

/** How an error is told. Rethrows what is none of the expected ones: a fault of this program, which needs its stack. */
export function describeFailure(error: unknown, style: Style): Failure {
  if (error instanceof UsageError) {
    return {
      exitCode: EXIT_CODES.usage,
      document: { code: 'usage', detail: error.message },
      lines: [
        `${style.red('✘')} ${printable(error.message)}`,
        ...(error.hint === undefined ? [] : [style.dim(`  ${error.hint}`)]),
      ],
    };
  }
  if (error instanceof ApiUnreachable) {
    return {
      exitCode: EXIT_CODES.unavailable,
      document: { code: 'unreachable', detail: error.message },
      lines: [
        `${style.red('✘')} ${printable(error.message)}`,
        style.dim('  "make up" starts a cluster here; WEIR_URL names another.'),
      ],
    };
  }
  if (error instanceof ApiProblem) return describeProblem(error, style);
  throw error;
}

function describeProblem({ problem, retryAfterSeconds }: ApiProblem, style: Style): Failure {
  const fields = (problem.errors ?? []).map((field) => [
    `    ${style.bold(printableLine(field.path) || '(all)')}`,
    printableLine(field.message),
  ]);
  return {
    exitCode: problem.status >= 500 ? EXIT_CODES.unavailable : EXIT_CODES.refused,
    document: problem,
    lines: [
      `${style.red('✘')} ${printableLine(problem.detail)}`,
      ...renderTable(fields),
      ...(retryAfterSeconds === null ? [] : [`  Come back in ${estimate(retryAfterSeconds)}.`]),
      ...(problem.code === 'unauthenticated' ? [style.dim('  WEIR_TOKEN holds the token that is sent.')] : []),
      ...(problem.correlation_id === ''
        ? []
        : [style.dim(`  Correlation id: ${printableLine(problem.correlation_id)}`)]),
    ],
  };
}
