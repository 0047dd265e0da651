import { parseArgs } from 'node:util';
import { settingsPatchSchema } from './settings.ts';
import { createSimulator, type SimulatorOptions } from './simulator.ts';

const USAGE =
  'llm-sim [--port 4010] [--host 127.0.0.1] [--mode ok] [--first-token-ms 200] [--tokens-per-second 50] [--tokens 60]';

/** The options on the command line; undefined, with a sentence on standard error, when they are not valid. */
function readOptions(): SimulatorOptions | undefined {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4010' },
        host: { type: 'string', default: '127.0.0.1' },
        mode: { type: 'string' },
        'first-token-ms': { type: 'string' },
        'tokens-per-second': { type: 'string' },
        tokens: { type: 'string' },
      },
    });
    const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
    const patch = settingsPatchSchema.safeParse({
      mode: values.mode,
      first_token_ms: number(values['first-token-ms']),
      tokens_per_second: number(values['tokens-per-second']),
      tokens: number(values.tokens),
    });
    if (!patch.success)
      throw new Error(patch.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`).join(' '));
    return { host: values.host, port: Number(values.port), ...patch.data };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nUsage: ${USAGE}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

const options = readOptions();
if (options !== undefined) {
  const simulator = createSimulator(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop());
  await simulator.start();
  const line = {
    at: new Date().toISOString(),
    level: 'info',
    message: 'model simulator listens',
    url: simulator.url,
    ...simulator.settings,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
