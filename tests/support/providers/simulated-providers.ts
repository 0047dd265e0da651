import type { ProviderStats, SeenCompletion } from '../../../services/llm-sim/provider.ts';
import type { SettingsPatch, SimulatorSettings } from '../../../services/llm-sim/settings.ts';

export type SimulatedName = 'primary' | 'backup';

interface Described extends SimulatorSettings {
  stats: ProviderStats;
  seen: SeenCompletion[];
}

/** The providers of a cluster under test, controlled over HTTP as an operator would. */
export class SimulatedProviders {
  constructor(private readonly url: string) {}

  async set(name: SimulatedName, patch: SettingsPatch): Promise<void> {
    await this.ask(name, { method: 'PUT', body: JSON.stringify(patch) });
  }

  read(name: SimulatedName): Promise<Described> {
    return this.ask(name, {});
  }

  /** Completions asked since `at` (Unix ms), without the cluster's own probes. */
  async calls(name: SimulatedName, at: number): Promise<SeenCompletion[]> {
    const { seen } = await this.read(name);
    return seen.filter((call) => call.at >= at && !isProbe(call));
  }

  async probes(name: SimulatedName, at: number): Promise<SeenCompletion[]> {
    const { seen } = await this.read(name);
    return seen.filter((call) => call.at >= at && isProbe(call));
  }

  private async ask(name: SimulatedName, init: RequestInit): Promise<Described> {
    const answer = await fetch(`${this.url}/${name}/control`, init);
    if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
    return (await answer.json()) as Described;
  }
}

const isProbe = ({ correlation_id: id }: SeenCompletion) => id?.startsWith('probe-') ?? false;
