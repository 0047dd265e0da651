/** Writes docs/configuration.md and .env.example from the settings table; `--check` only says whether they are stale. */
import { COMPOSE_SETTINGS, SET_BY_COMPOSE } from './compose-settings.ts';
import { generateFiles } from './generated-files.ts';
import { SETTINGS } from './schema.ts';

const ENTRIES = Object.entries(SETTINGS).map(([name, setting]) => ({
  name,
  default: setting.default,
  about: setting.about,
  secret: 'secret' in setting,
}));

const COMPOSE_ROWS = Object.entries(COMPOSE_SETTINGS).map(
  ([name, setting]) =>
    `| \`${name}\` | ${setting.default === '' ? '–' : `\`${setting.default}\``} | ${setting.about} |`,
);

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
    '## With docker compose',
    '',
    'Settings come from `.env` beside `docker-compose.yml`, or from the shell, which wins. These it sets itself:',
    `${SET_BY_COMPOSE.map((name) => `\`${name}\``).join(', ')}.`,
    'These only it reads; those of Nginx are in [nginx/README.md](../nginx/README.md), those of alerts in [alerting](operations/alerting.md).',
    '',
    '| name | default | meaning |',
    '|---|---|---|',
    ...COMPOSE_ROWS,
    '',
  ].join('\n');
}

function example(): string {
  const line = (name: string, value: string, about: string) => `# ${about}\n# ${name}=${value}\n`;
  return [
    '# For docker compose: copy to .env and uncomment what you change. Meaning and bounds: docs/configuration.md.',
    '',
    ...Object.entries(COMPOSE_SETTINGS).map(([name, setting]) => line(name, setting.default, setting.about)),
    '# Settings of a replica.',
    '',
    ...ENTRIES.filter(({ name }) => !SET_BY_COMPOSE.includes(name)).map((entry) =>
      line(entry.name, entry.default, entry.about),
    ),
    '# Nginx (nginx/README.md) and alerts (docs/operations/alerting.md) have more.',
    '',
  ].join('\n');
}

generateFiles({ 'docs/configuration.md': table(), '.env.example': example() });
