import { nearestName } from '../../../shared/config/nearest-name.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { renderProviders } from '../render/providers.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';

/** How the model providers stand; `use` has one asked first, `release` takes that back. */
export const providers: Command = async (session, [verb, name, ...more]) => {
  const forced = forcedBy(verb, name, more);
  const api = (await session.server()).api('admin');
  const answer = forced === undefined ? await api.providers() : await api.patchProviders({ forced });
  session.console.answer(answer, () => renderProviders(answer, session.console.style, session.now()));
  return EXIT_CODES.ok;
};

/** undefined: nothing is to be changed. */
function forcedBy(
  verb: string | undefined,
  name: string | undefined,
  more: readonly string[],
): string | null | undefined {
  if (verb === undefined) return undefined;
  if (verb === 'release' && name === undefined) return null;
  if (verb === 'use' && name !== undefined && more.length === 0) return name;
  if (verb === 'use' || verb === 'release') {
    throw new UsageError(
      verb === 'use'
        ? 'Say which one provider to use, as in "weir providers use backup".'
        : '"weir providers release" takes nothing more.',
    );
  }
  throw new UsageError(
    `"weir providers ${verb}" is nothing; did you mean "weir providers ${nearestName(verb, ['use', 'release'])}"?`,
  );
}
