/**
 * `make check`: who may import whom. Imports go one way (services → redis, db → shared/resilience → shared/config … →
 * shared/protocol …), roles never import each other, and each library has one owner folder.
 */
import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Own folders each folder may import from, besides itself. The longest matching folder counts. */
const MAY_IMPORT: Record<string, string[]> = {
  'shared/errors': [],
  'shared/workflow': [],
  'shared/wording': ['shared/errors'],
  'shared/protocol': ['shared/workflow', 'shared/errors'],
  'shared/observability': ['shared/errors', 'shared/workflow', 'shared/protocol'],
  'shared/config': ['shared/errors', 'shared/workflow', 'shared/protocol'],
  'shared/lifecycle': ['shared/observability', 'shared/errors'],
  'shared/resilience': ['shared'],
  redis: ['shared'],
  db: ['shared'],
  'services/api/auth': ['shared'],
  'services/api/cache': ['shared', 'redis', 'db'],
  'services/api/admission': ['shared', 'redis', 'db', 'services/api/cache'],
  'services/api/features': ['shared', 'redis', 'db'],
  'services/api/chat': ['shared', 'redis', 'db', 'services/api/auth'],
  'services/api/history': ['shared', 'redis', 'db', 'services/api/admission'],
  'services/api/incidents': ['shared', 'redis', 'db', 'services/api/admission'],
  'services/api/replicas': ['shared', 'redis', 'services/api/admission'],
  'services/api/realtime': ['shared', 'redis', 'db', 'services/api'],
  'services/api/http': ['shared', 'redis', 'db', 'services/api'],
  'services/worker': ['shared', 'redis', 'db'],
  'services/dispatcher': ['shared', 'redis', 'db'],
  'services/llm-sim': ['shared'],
  'services/cli': ['shared', 'services/local'],
  'services/local': ['shared', 'redis', 'db', 'services/llm-sim'],
  'services/web': ['shared/protocol', 'shared/workflow', 'shared/errors', 'shared/wording'],
  services: ['shared', 'redis', 'db', 'services'],
  'monitoring/grafana': [],
};

/** Folders that may import a library; everybody may import what is not listed. */
const LIBRARY_OWNERS: Record<string, string[]> = {
  express: ['services/api/http', 'loadtests'],
  ws: ['services/api/realtime', 'services/cli', 'loadtests'],
  ioredis: ['redis', 'loadtests'],
  redlock: ['redis'],
  'lru-cache': ['services/api'],
  knex: ['db'],
  pg: ['db', 'services/local', 'loadtests'],
  mollitia: ['shared/resilience'],
  'prom-client': ['shared/observability', 'loadtests'],
  winston: ['shared/observability'],
  '@opentelemetry/api': ['shared/observability'],
  '@opentelemetry/core': ['shared/observability'],
  '@opentelemetry/exporter-trace-otlp-proto': ['shared/observability'],
  '@opentelemetry/instrumentation-undici': ['shared/observability'],
  '@opentelemetry/resources': ['shared/observability'],
  '@opentelemetry/sdk-trace': ['shared/observability'],
  openai: ['services/worker', 'loadtests'],
  execa: ['services/local', 'tests'],
  preact: ['services/web'],
  '@preact/signals': ['services/web'],
  'wouter-preact': ['services/web'],
  uplot: ['services/web'],
  vite: ['services/web'],
  'playwright-core': ['tests/support/browser', 'tests/browser'],
  'axe-core': ['tests/support/browser'],
  '@grafana/grafana-foundation-sdk': ['monitoring/grafana'],
};

/** The pure layer runs in a browser: no Node module there. */
const PURE = ['shared/protocol', 'shared/workflow', 'shared/errors', 'shared/wording', 'services/web/src'];

interface Import {
  file: string;
  target: string;
}

export function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
  );
  return [...found].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }));
}

/** One sentence per broken rule. */
export function faultsOf({ file, target }: Import): string[] {
  if (file.endsWith('.test.ts') || file.startsWith('tests/')) return [];
  if (!target.startsWith('.')) return libraryFaults(file, target);
  const imported = posix.normalize(posix.join(dirname(file), target));
  const from = folderOf(file);
  const to = folderOf(imported);
  // Benches start servers and take them away as tests do.
  if (imported.startsWith('tests/support/') && file.startsWith('loadtests/bench/')) return [];
  if (imported.startsWith('tests/')) return [`${file}: product code must not import ${imported}`];
  if (from === undefined || to === undefined || from === to) return [];
  const allowed = MAY_IMPORT[from] ?? [];
  return allowed.some((folder) => imported.startsWith(`${folder}/`))
    ? []
    : [`${file}: ${from} must not import ${to} (${imported})`];
}

function libraryFaults(file: string, target: string): string[] {
  const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target);
  const faults: string[] = [];
  const owners = LIBRARY_OWNERS[name];
  if (owners && !owners.some((folder) => file.startsWith(`${folder}/`)))
    faults.push(`${file}: ${name} belongs to ${owners.join(', ')}`);
  if (target.startsWith('node:') && PURE.some((folder) => file.startsWith(`${folder}/`)))
    faults.push(`${file}: ${target} does not exist in a browser`);
  return faults;
}

function folderOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

async function main(): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean);
  const faults = files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')).flatMap(faultsOf));
  for (const fault of faults) console.error(fault);
  console.log(`import rules: ${files.length} files, ${faults.length} faults`);
  return faults.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main();
