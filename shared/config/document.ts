/** Writes docs/configuration.md and .env.example from the settings table; `--check` only says whether they are stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTINGS } from './schema.ts';

const ENTRIES = Object.entries(SETTINGS).map(([name, setting]) => ({
  name,
  default: setting.default,
  about: setting.about,
  secret: 'secret' in setting,
}));

function table(): string {
  const rows = ENTRIES.map(({ name, default: value, about, secret }) => {
    return `| \`${name}\` | ${value === '' ? '–' : `\`${value}\``} | ${about.replaceAll('|', '\\|')}${secret ? ' *(secret)*' : ''} |`;
  });
  return [
    '# Configuration',
    '',
    'Every setting of a replica. Generated from `shared/config/schema.ts` (`npm run generate`); wrong values and unknown',
    '`WEIR_*` names are all reported at start, together. An empty value means "not set".',
    '',
    '| name | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    'Only `make up` and the `weir` client read: `WEIR_HTTP_PORT` (8080), `WEIR_REPLICAS` (3), `WEIR_STATE_DIR` (`.weir`), `WEIR_URL`, `WEIR_TOKEN`.',
    '',
  ].join('\n');
}

function example(): string {
  const lines = ENTRIES.map(({ name, default: value, about }) => `# ${about}\n# ${name}=${value}\n`);
  return `# Copy to .env and uncomment what you change. Meaning and bounds: docs/configuration.md.\n\n${lines.join('\n')}`;
}

const stale: string[] = [];
for (const [path, text] of [
  ['docs/configuration.md', table()],
  ['.env.example', example()],
] as const) {
  if (process.argv.includes('--check')) {
    if (readOrEmpty(path) !== text) stale.push(path);
  } else {
    writeFileSync(path, text);
  }
}
for (const path of stale) console.error(`${path} is stale: npm run generate`);
process.exitCode = stale.length === 0 ? 0 : 1;

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
