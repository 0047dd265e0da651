/** Writes dashboards/*.json from their TypeScript; `--check` only says which are stale, missing or left over. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DASHBOARDS } from './dashboards.ts';

const FOLDER = fileURLToPath(new URL('./dashboards/', import.meta.url));

const wanted = new Map(DASHBOARDS.map((board) => [`${board.uid}.json`, `${JSON.stringify(board, null, 2)}\n`]));
const present = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [basename(name), readFileSync(`${FOLDER}${name}`, 'utf8')]),
);
const stale = [...wanted.keys()].filter((name) => present.get(name) !== wanted.get(name));
const leftOver = [...present.keys()].filter((name) => !wanted.has(name));

if (process.argv.includes('--check')) {
  for (const name of [...stale, ...leftOver])
    console.error(`monitoring/grafana/dashboards/${name} is stale: npm run generate`);
  process.exitCode = stale.length + leftOver.length === 0 ? 0 : 1;
} else {
  for (const name of stale) writeFileSync(`${FOLDER}${name}`, wanted.get(name) ?? '');
  for (const name of leftOver) rmSync(`${FOLDER}${name}`);
}
