import { RUN_STATUSES } from '../../../shared/workflow/run-state.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { renderRuns } from '../render/runs.ts';
import type { Command } from './command.ts';
import { pageOptions } from './page-options.ts';

/** A page of runs, newest first. */
export const runs: Command = async (session, _, options) => {
  const status = options.oneOf('status', RUN_STATUSES);
  const page = pageOptions(options);
  const server = await session.server();
  const answer = await server.api(options.flag('all') ? 'admin' : 'user').listRuns({
    ...(status === undefined ? {} : { status }),
    ...page,
  });
  session.console.answer(answer, () =>
    renderRuns(answer, {
      style: session.console.style,
      now: session.now(),
      showUser: options.flag('all'),
      filtered: status !== undefined || page.cursor !== undefined,
      program: session.program,
    }),
  );
  return EXIT_CODES.ok;
};
