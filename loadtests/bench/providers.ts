/**
 * What failover costs a healthy streaming call: the router with its board (breakers, retry budget, limits, Redis behind it) beside the bare OpenAI SDK,
 * both asking the same simulator in a process of its own, the same prompt, in alternating rounds of this process. Then with a primary that
 * accepts and never answers, at the settings of production: how long the first call waits for the backup's first token, and how long those after it.
 *
 * `node --import tsx loadtests/bench/providers.ts [rounds] [seconds]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import OpenAI from 'openai';
import { createRedisStore } from '../../redis/store.ts';
import { freePort } from '../../services/local/servers/free-port.ts';
import { createModels, type Models } from '../../services/worker/create-executors.ts';
import { Deadline } from '../../services/worker/steps/deadline.ts';
import { loadSettings } from '../../shared/config/load.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { withServers } from './bench-servers.ts';
import { median, quantile, row } from './figures.ts';

const [ROUNDS = 5, SECONDS = 3] = process.argv.slice(2).map(Number);
/** Callers: few, so that a time is a call's own and not its wait for the processor; and as many as keep both sides busy. */
const FEW = 2;
const MANY = 20;
const TOKENS = 60;
const PROMPT = 'Say in sixty words how a weir works.';
const CALLS_AFTER_OPENING = 50;

interface Call {
  /** Milliseconds. */
  firstContent: number;
  whole: number;
}
interface Round {
  perSecond: number;
  calls: Call[];
}

/** Calls by `ask` from so many callers, one after the other each, for `seconds`. */
async function load(ask: () => Promise<Call>, callers: number, seconds: number): Promise<Round> {
  const calls: Call[] = [];
  const begun = performance.now();
  const caller = async () => {
    while (performance.now() - begun < seconds * 1_000) calls.push(await ask());
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: (calls.length * 1_000) / (performance.now() - begun), calls };
}

function bareCall(client: OpenAI): () => Promise<Call> {
  return async () => {
    const begun = performance.now();
    let firstContent = Number.NaN;
    let text = '';
    const stream = await client.chat.completions.create({
      model: 'sim-primary',
      messages: [{ role: 'user', content: PROMPT }],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content ?? '';
      if (piece !== '' && text === '') firstContent = performance.now() - begun;
      text += piece;
    }
    check(text);
    return { firstContent, whole: performance.now() - begun };
  };
}

const log = createLogger({ level: 'error', fields: {} });

function routedCall(models: Models): () => Promise<Call> {
  return async () => {
    const begun = performance.now();
    let firstContent = Number.NaN;
    const deadline = new Deadline(120_000, new AbortController().signal);
    const answer = await models.router.complete(
      { prompt: PROMPT, correlationId: 'bench' },
      {
        deadline,
        userId: 'bench',
        onText: () => {
          if (Number.isNaN(firstContent)) firstContent = performance.now() - begun;
        },
        onRestart: () => {},
        onSwitched: () => {},
        log,
      },
    );
    deadline.clear();
    check(answer.text);
    return { firstContent, whole: performance.now() - begun };
  };
}

function check(text: string): void {
  if (text.split(' ').length !== TOKENS) throw new Error(`not the whole answer: ${text}`);
}

async function withSimulator(work: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const options = [
    '--port',
    String(port),
    '--first-token-ms',
    '0',
    '--tokens-per-second',
    '0',
    '--tokens',
    String(TOKENS),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', 'services/llm-sim/main.ts', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await work(`http://127.0.0.1:${port}`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function summary(rounds: Round[]) {
  const calls = rounds.flatMap((round) => round.calls);
  const of = (key: keyof Call, share: number) =>
    quantile(
      calls.map((call) => call[key]),
      share,
    );
  return {
    'calls/s': median(rounds.map(({ perSecond }) => perSecond)),
    'p50 ms': of('whole', 0.5),
    'p99 ms': of('whole', 0.99),
    'first p50 ms': of('firstContent', 0.5),
    'first p99 ms': of('firstContent', 0.99),
  };
}

async function healthy(models: Models, url: string): Promise<void> {
  const asks = {
    sdk: bareCall(new OpenAI({ baseURL: `${url}/primary/v1`, apiKey: 'bench', maxRetries: 0 })),
    weir: routedCall(models),
  };
  for (const ask of Object.values(asks)) await load(ask, MANY, 2);
  for (const callers of [FEW, MANY]) {
    const rounds = { sdk: [] as Round[], weir: [] as Round[] };
    for (let round = 0; round < ROUNDS; round++) {
      // The one that begins changes, so that neither always has the warmer machine.
      for (const side of round % 2 === 0 ? (['sdk', 'weir'] as const) : (['weir', 'sdk'] as const))
        rounds[side].push(await load(asks[side], callers, SECONDS));
    }
    console.log(
      `a healthy call of ${TOKENS} tokens, ${callers} at once, ${ROUNDS} rounds of ${SECONDS} s each, alternating`,
    );
    const [theirs, ours] = [summary(rounds.sdk), summary(rounds.weir)];
    console.log(row('sdk', theirs));
    console.log(row('weir', ours));
    const ratios = rounds.weir.map(({ perSecond }, round) => perSecond / (rounds.sdk[round]?.perSecond ?? Number.NaN));
    const added = (key: keyof typeof ours) => ours[key] - theirs[key];
    console.log(row('added', { 'throughput ×': median(ratios), 'p50 ms': added('p50 ms'), 'p99 ms': added('p99 ms') }));
  }
  console.log(`wanted   with ${FEW}: p50 ≤ 1 ms, p99 ≤ 5 ms; with ${MANY}: throughput ≥ 0.9`);
}

async function hung(models: Models, url: string): Promise<void> {
  await fetch(`${url}/primary/control`, { method: 'PUT', body: JSON.stringify({ mode: 'silent' }) });
  const ask = routedCall(models);
  const first = await ask();
  const later: Call[] = [];
  for (let call = 0; call < CALLS_AFTER_OPENING; call++) later.push(await ask());
  const waits = later.map(({ firstContent }) => firstContent);
  console.log('a primary that never answers: first token from the backup');
  console.log(row('first', { s: first.firstContent / 1_000 }));
  console.log(row('after', { 'p50 ms': median(waits), 'worst ms': Math.max(...waits), calls: waits.length }));
  console.log('wanted   ≤ 11 s; ≤ 200 ms');
}

await withServers((servers) =>
  withSimulator(async (url) => {
    const redis = createRedisStore({ url: servers.redis.url, prefix: 'bench', log });
    await redis.connections.ready();
    const settings = loadSettings({
      ROLES: 'worker',
      WEIR_LLM_PRIMARY_BASE_URL: `${url}/primary/v1`,
      WEIR_LLM_PRIMARY_MODEL: 'sim-primary',
      WEIR_LLM_BACKUP_BASE_URL: `${url}/backup/v1`,
      WEIR_LLM_BACKUP_MODEL: 'sim-backup',
    });
    const metrics = createMetrics().llm;
    const models = createModels({ settings, replica: 'bench', redis, works: true, metrics, log });
    await models.board.start();
    try {
      await healthy(models, url);
      await hung(models, url);
    } finally {
      await models.board.stop();
      await redis.close();
    }
  }),
);
