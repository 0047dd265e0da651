import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Complete or not at all, for the program that owns the file may read it at any moment. False: it already said this. */
export function replaceFile(file: string, content: string): boolean {
  if (present(file) === content) return false;
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return true;
}

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
