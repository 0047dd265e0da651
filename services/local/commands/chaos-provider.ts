import { MODES } from '../../llm-sim/modes/modes.ts';
import { planOf } from '../cluster/plan-of.ts';
import { SIMULATED_PROVIDERS } from '../cluster/simulator-part.ts';
import { readClusterFile } from '../state/cluster-file.ts';
import type { StateDir } from '../state/state-dir.ts';
import { UsageError } from '../usage-error.ts';

const MODE_COLUMN = 20;

/** `make chaos-provider MODE=… [PROVIDER=primary]`: sets how a simulated provider behaves. Without MODE it lists what there is. */
export async function chaosProvider(state: StateDir, environment: NodeJS.ProcessEnv): Promise<void> {
  const { MODE: mode = '', PROVIDER: provider = 'primary' } = environment;
  if (mode === '') return printModes();
  if (!isMode(mode)) throw new UsageError(`There is no mode "${mode}". Known: ${Object.keys(MODES).join(', ')}.`);
  if (!SIMULATED_PROVIDERS.some((name) => name === provider))
    throw new UsageError(`There is no provider "${provider}". Known: ${SIMULATED_PROVIDERS.join(', ')}.`);
  await setMode(localSimulatorUrl(state), provider, mode);
  console.log(`The ${provider} provider now: ${MODES[mode].about}.`);
  if (mode !== 'ok')
    console.log(
      `Watch it with "npx weir providers"; mend it with "make chaos-provider MODE=ok${provider === 'primary' ? '' : ` PROVIDER=${provider}`}".`,
    );
}

/** Of the local cluster, without a path. Throws a {@link UsageError} where there is none to break. */
export function localSimulatorUrl(state: StateDir): string {
  const known = readClusterFile(state);
  if (known === null) throw new UsageError('Weir is not running here. Start it with: make up', 1);
  if (known.settings.WEIR_LLM_PRIMARY_BASE_URL)
    throw new UsageError('This cluster asks a real model provider; only simulated ones can be broken on purpose.', 1);
  return `http://127.0.0.1:${planOf(state, known).ports.known('llm-sim')}`;
}

async function setMode(url: string, provider: string, mode: string): Promise<void> {
  const body = JSON.stringify({ mode });
  const answer = await fetch(`${url}/${provider}/control`, { method: 'PUT', body }).catch((error: unknown) => {
    throw new UsageError(
      `The model simulator does not answer (${String(error)}); "make up" starts what is missing.`,
      1,
    );
  });
  if (!answer.ok) throw new UsageError(`The model simulator refused: ${await answer.text()}`, 1);
}

function printModes(): void {
  console.log('make chaos-provider MODE=<mode> [PROVIDER=primary|backup]\n');
  for (const [name, { about }] of Object.entries(MODES)) console.log(`  ${name.padEnd(MODE_COLUMN)} ${about}`);
}

function isMode(name: string): name is keyof typeof MODES {
  return Object.hasOwn(MODES, name);
}
