import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import { Stage } from '../cluster/stage.ts';
import { testDir } from '../test-run.ts';
import { everythingHappens } from './everything.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { Scene } from './scene.ts';

const RULES = join(PACKAGE_ROOT, 'monitoring/prometheus/rules');

/** Small enough that a few people fill it, quick enough that what takes minutes in operation takes seconds. */
const SETTINGS = {
  WEIR_MAX_USERS: '10',
  WEIR_DATABASE_POOL_SIZE: '4',
  WEIR_MAX_WORKFLOWS: '4',
  WEIR_QUEUE_MAX: '8',
  WEIR_QUEUE_MAX_PER_USER: '5',
  WEIR_QUEUE_TIMEOUT_SECONDS: '4',
  WEIR_LLM_FIRST_CONTENT_SECONDS: '4',
  WEIR_LLM_OPEN_SECONDS: '2',
  WEIR_LLM_PRIMARY_INPUT_USD_PER_MILLION_TOKENS: '2',
  WEIR_LLM_PRIMARY_OUTPUT_USD_PER_MILLION_TOKENS: '8',
  WEIR_LLM_BACKUP_INPUT_USD_PER_MILLION_TOKENS: '3',
  WEIR_LLM_BACKUP_OUTPUT_USD_PER_MILLION_TOKENS: '15',
};

/** A cluster that a Prometheus with the project's rules has watched while everything happened that a dashboard can show. */
export interface LoadedCluster {
  stage: Stage;
  prometheus: PrometheusClient;
  /** When it happened (Unix seconds). */
  from: number;
  to: number;
}

export async function loadedCluster(): Promise<LoadedCluster> {
  const second = '1s';
  const stage = await Stage.open({
    settings: SETTINGS,
    monitoring: { scrapeInterval: second, slowScrapeInterval: second, evaluationInterval: second, rules: quickRules() },
  });
  try {
    const prometheus = new PrometheusClient(stage.cluster.monitoring('prometheus').url);
    const from = Date.now() / 1_000;
    await everythingHappens(new Scene(stage, prometheus));
    return { stage, prometheus, from, to: Date.now() / 1_000 };
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** The rules of the project at the pace of a test: long windows are looked at as often as short ones, alerts fire at once. */
function quickRules(): string {
  const dir = testDir('rules');
  for (const name of readdirSync(RULES).filter((file) => file.endsWith('.yml'))) {
    writeFileSync(
      join(dir, name),
      quick(readFileSync(join(RULES, name), 'utf8')).replace(/^( +(?:interval|for): ).*$/gm, '$11s'),
    );
  }
  return join(dir, '*.yml');
}

/** Subqueries of `expression` over minutes at points of seconds: those over days have their first point after minutes or hours. */
export function quick(expression: string): string {
  return expression.replace(/\[\d+[hd]:\d+[mh]\]/g, '[5m:2s]');
}
