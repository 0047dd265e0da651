/**
 * The users of flow.ts, in processes of their own: each with one connection, all at once, the seven steps one after the other. Told by its parent
 * whom to ask and how often; answers with what it saw.
 */
import { type Known, requestOf, STEPS } from './flow-steps.ts';
import { type RawAnswer, RawConnection } from './raw-http.ts';

export interface FlowOrder {
  port: number;
  /** One for each user. */
  tokens: string[];
  /** Times that each user goes through the steps. */
  flows: number;
}

export interface FlowSeen {
  /** Unix ms of the first connection and of the last answer. */
  from: number;
  to: number;
  /** ms of the answers as wanted, by step; the first step of a user includes the connecting. */
  latencies: Float32Array[];
  /** What went otherwise, with how often: `trigger: 503 storage_unavailable`. */
  failures: Map<string, number>;
  /** Processor time of this process (µs). */
  cpu: number;
}

async function load({ port, tokens, flows }: FlowOrder): Promise<FlowSeen> {
  const latencies = STEPS.map((): number[] => []);
  const failures = new Map<string, number>();
  const count = (failure: string, times: number): void =>
    void failures.set(failure, (failures.get(failure) ?? 0) + times);
  const before = process.cpuUsage();
  const from = performance.timeOrigin + performance.now();
  await Promise.all(
    tokens.map(async (token) => {
      let begun = performance.now();
      const connection = new RawConnection(port);
      for (let flow = 0; flow < flows; flow++) {
        const known: Known = { workflowId: '', runId: '' };
        for (const [index, step] of STEPS.entries()) {
          const answer = await connection.request(requestOf(step, token, known)).catch(({ message }: Error) => message);
          const now = performance.now();
          if (typeof answer === 'string' || answer.status < 200 || answer.status > 299) {
            // The steps after it build on it, so they have failed with it.
            count(`${step}: ${nameOf(answer)}`, STEPS.length - index);
            if (typeof answer === 'string') count('no connection', (flows - flow - 1) * STEPS.length);
            if (typeof answer === 'string') return connection.end();
            break;
          }
          latencies[index]?.push(now - begun);
          if (step === 'create') known.workflowId = String(JSON.parse(answer.body).id);
          if (step === 'trigger') known.runId = String(JSON.parse(answer.body).run_id);
          begun = performance.now();
        }
        begun = performance.now();
      }
      connection.end();
    }),
  );
  const to = performance.timeOrigin + performance.now();
  const { user, system } = process.cpuUsage(before);
  return { from, to, latencies: latencies.map((list) => Float32Array.from(list)), failures, cpu: user + system };
}

function nameOf(answer: string | RawAnswer): string {
  if (typeof answer === 'string') return answer;
  return `${answer.status} ${/"code":"(\w+)"/.exec(answer.body)?.[1] ?? ''}`;
}

process.on('message', (order: FlowOrder) => void load(order).then((seen) => process.send?.(seen)));
process.on('disconnect', () => process.exit());
