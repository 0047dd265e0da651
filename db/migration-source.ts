import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';

/** `0001-what-it-does.ts` in the sources, `.js` after a build; everything else in the folder (maps, tests) is not a migration. */
const MIGRATION_FILE = /^(\d{4}-[a-z0-9-]+)\.(?:ts|js)$/;

interface MigrationFile {
  name: string;
  path: string;
}

/**
 * Reads migrations from a folder, in the order of their numbers. A migration is recorded by its name without the extension:
 * knex would record `0001-x.ts` from the sources and then not recognise `0001-x.js` of a build.
 */
export class MigrationSource implements Knex.MigrationSource<MigrationFile> {
  constructor(private readonly folder: string = join(import.meta.dirname, 'migrations')) {}

  async getMigrations(): Promise<MigrationFile[]> {
    const migrations: MigrationFile[] = [];
    for (const file of await readdir(this.folder)) {
      const name = MIGRATION_FILE.exec(file)?.[1];
      if (name !== undefined) migrations.push({ name, path: join(this.folder, file) });
    }
    return migrations.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  getMigrationName(migration: MigrationFile): string {
    return migration.name;
  }

  async getMigration(migration: MigrationFile): Promise<Knex.Migration> {
    return (await import(pathToFileURL(migration.path).href)) as Knex.Migration;
  }
}
