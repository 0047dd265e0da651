import type { ClusterServer } from '../../../services/local/local-cluster.ts';
import type { Fault } from './fault.ts';

/** The primary model provider takes requests and never answers. */
export function hung(simulator: ClusterServer, holdMs: number): Fault {
  const set = async (mode: string) => {
    const answer = await fetch(`${simulator.url}/primary/control`, { method: 'PUT', body: JSON.stringify({ mode }) });
    if (!answer.ok) throw new Error(`The simulator refused the mode ${mode}: ${answer.status}`);
  };
  return { name: 'provider hung', target: 'primary', holdMs, apply: () => set('silent'), heal: () => set('ok') };
}
