import { nearestName } from '../../../shared/config/nearest-name.ts';
import { EXIT_CODES, type ExitCode } from '../exit-code.ts';
import { parseLimits } from '../limits-input.ts';
import { renderCapacity, renderLimitChanges } from '../render/capacity.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';

/** Limits and use of the cluster; `set` changes limits while it runs. */
export const capacity: Command = async (session, [verb, ...assignments]) => {
  if (verb === undefined) return show(session);
  if (verb !== 'set')
    throw new UsageError(
      `"weir capacity ${verb}" is nothing; did you mean "weir capacity ${nearestName(verb, ['set'])}"?`,
    );
  return set(session, assignments);
};

async function show(session: Session): Promise<ExitCode> {
  const answer = await (await session.server()).api('admin').capacity();
  session.console.answer(answer, () => renderCapacity(answer, session.console.style, session.now()));
  return EXIT_CODES.ok;
}

async function set(session: Session, assignments: readonly string[]): Promise<ExitCode> {
  const patch = parseLimits(assignments);
  const api = (await session.server()).api('admin');
  const before = await api.capacity();
  const after = await api.patchCapacity(patch);
  session.console.answer(after, () => renderLimitChanges(before.limits, after.limits, session.console.style));
  return EXIT_CODES.ok;
}
