import { UsageError } from '../../services/local/usage-error.ts';
import { ApiProblem } from '../../shared/protocol/client/api-problem.ts';
import { ApiUnreachable } from '../../shared/protocol/client/api-unreachable.ts';

/** A target that cannot be tested as one sentence for the person who named it; any other error as it is. */
export function refusedEntry(error: unknown, url: string): unknown {
  if (error instanceof ApiUnreachable)
    return new UsageError(
      `${url} does not answer as Weir does. Is it running ("make status"), and is that its address?`,
      1,
    );
  if (!(error instanceof ApiProblem)) return error;
  const needed = `an administrator's token is needed (JWT_SECRET with JWT_ISSUER and JWT_AUDIENCE, or TOKEN_COMMAND)`;
  const isAboutToken = error.status === 401 || error.status === 403;
  return new UsageError(
    `${url} refuses the load test: ${error.message}${isAboutToken ? ` (${error.status}); ${needed}.` : ''}`,
    1,
  );
}
