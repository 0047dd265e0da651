#!/usr/bin/env node
// The `weir` client. In a clone it runs the sources (tsx is installed there, so they are never older than a build);
// where only the build is, it runs that.
import { existsSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function load() {
  const source = here('./main.ts');
  const tsx = here('../../node_modules/tsx/dist/esm/api/index.mjs');
  if (existsSync(source) && existsSync(tsx)) {
    const { register } = await import(pathToFileURL(tsx).href);
    register();
    return import(pathToFileURL(source).href);
  }
  const built = here('../../dist/services/cli/main.js');
  if (existsSync(built)) return import(pathToFileURL(built).href);
  process.stderr.write('weir is not installed yet: run "npm ci" (or "make up", which does it) in its folder first.\n');
  return { main: () => 2 };
}

/** `npx weir`, `weir`, or the script as it was called: what people can paste back. */
function program() {
  const script = process.argv[1] ?? '';
  if (basename(script).endsWith('.mjs')) return `node ${relative(process.cwd(), script) || script}`;
  return process.env.npm_command === 'exec' ? 'npx weir' : 'weir';
}

// A reader that has seen enough (`weir runs | head`) is no error.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const { main } = await load();
process.exitCode = await main({
  argv: process.argv.slice(2),
  environment: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  program: program(),
  onInterrupt: (listener) => process.once('SIGINT', listener),
});
