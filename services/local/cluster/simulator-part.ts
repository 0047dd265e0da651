import type { ProcessRef } from '../processes/process-ref.ts';
import { startNodeProgram } from './node-program.ts';
import { Part } from './part.ts';
import type { ClusterPlan } from './plan.ts';

/** The model simulator: speaks the OpenAI protocol, so that everything works without a key. */
export function simulatorPart(plan: ClusterPlan): Part {
  const start = async (onSpawn: (ref: ProcessRef) => void) => {
    const port = await plan.ports.getFree('llm-sim');
    const program = {
      name: 'llm-sim',
      file: 'services/llm-sim/main.js',
      args: ['--port', String(port)],
      env: { PATH: process.env.PATH },
      readyUrl: `http://127.0.0.1:${port}/health`,
    };
    return startNodeProgram(program, plan.state, onSpawn);
  };
  const stop = { signal: 'SIGTERM' as const, graceMs: 5_000 };
  return new Part(
    { name: 'llm-sim', program: process.execPath, workDir: plan.state.part('llm-sim'), start, stop },
    plan.state,
    plan.onSpawn,
  );
}

/** Providers that the simulator plays; the replicas' primary and backup. */
export const SIMULATED_PROVIDERS = ['primary', 'backup'] as const;

/** Base URL of one of them as the settings want it, with `/v1`. */
export async function simulatorUrl(plan: ClusterPlan, provider: (typeof SIMULATED_PROVIDERS)[number]): Promise<string> {
  return `http://127.0.0.1:${await plan.ports.get('llm-sim')}/${provider}/v1`;
}
