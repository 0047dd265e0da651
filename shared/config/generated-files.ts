import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes texts that are made from code, each by its path from the top of the repository. With `--check` on the command line nothing is
 * written: it names the files that would change, and the process fails.
 */
export function generateFiles(texts: Record<string, string>): void {
  for (const [path, text] of Object.entries(texts)) {
    if (!process.argv.includes('--check')) {
      writeFileSync(path, text);
    } else if (readOrEmpty(path) !== text) {
      console.error(`${path} is stale: npm run generate`);
      process.exitCode = 1;
    }
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
