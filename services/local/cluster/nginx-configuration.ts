import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import { renderTemplate } from './render-template.ts';

export interface NginxSite {
  httpPort: number;
  /** Of `/stub_status` and the health of Nginx itself. */
  statusPort: number;
  replicaPorts: readonly number[];
  accessLog: string;
  errorLog: string;
  /** The console's files; default: those of the build. */
  consoleFolder?: string;
  /** Where replicas leave the status page; default: nowhere. */
  statusPageFolder?: string;
  /** Variables of nginx/README.md that differ from nginx/defaults.env. */
  settings?: Readonly<Record<string, string>>;
}

/** What a local cluster needs otherwise than a container; what the user sets wins. */
const LOCAL_DEFAULTS = {
  // A laptop's cores are for the replicas; two workers show all there is to see of several.
  WEIR_NGINX_WORKERS: '2',
  WEIR_NGINX_CONSOLE: 'files',
};

const FOLDER = join(PACKAGE_ROOT, 'nginx');
const CONSOLE = join(PACKAGE_ROOT, 'dist', 'web');
const SUFFIX = '.template';

/**
 * Every file of the configuration of a local Nginx by its path, in the places that they have in a container, from the same templates
 * (`nginx/README.md`). Throws when a template asks for a name without a value.
 */
export function nginxConfiguration(site: NginxSite): Record<string, string> {
  const replicas = site.replicaPorts.map((port) => `127.0.0.1:${port}`);
  const values = {
    ...nginxDefaults(),
    ...LOCAL_DEFAULTS,
    ...site.settings,
    WEIR_NGINX_LISTEN: `127.0.0.1:${site.httpPort}`,
    WEIR_NGINX_STATUS_LISTEN: `127.0.0.1:${site.statusPort}`,
    WEIR_NGINX_RUN: 'temp',
    WEIR_NGINX_CONSOLE_FOLDER: quoted(site.consoleFolder ?? CONSOLE),
    WEIR_NGINX_STATUS_PAGE_FOLDER: quoted(site.statusPageFolder ?? 'temp/no-status-page'),
    WEIR_NGINX_ACCESS_LOG: quoted(site.accessLog),
    WEIR_NGINX_ERROR_LOG: quoted(site.errorLog),
  };
  const files: Record<string, string> = {};
  for (const name of readdirSync(join(FOLDER, 'snippets')))
    files[`snippets/${name}`] = readFileSync(join(FOLDER, 'snippets', name), 'utf8');
  for (const name of readdirSync(join(FOLDER, 'templates'))) {
    const template = forEach(replicas, readFileSync(join(FOLDER, 'templates', name), 'utf8'));
    files[`conf.d/${name.slice(0, -SUFFIX.length)}`] = renderTemplate(template, values);
  }
  return files;
}

/** Every variable of the templates with its value in a container. */
export function nginxDefaults(): Record<string, string> {
  return parseEnv(readFileSync(join(FOLDER, 'defaults.env'), 'utf8')) as Record<string, string>;
}

/** In a container one name leads to all replicas; here each has a line of its own. */
function forEach(replicas: readonly string[], template: string): string {
  return template.replace(/^.*\$\{WEIR_NGINX_REPLICA\}.*$/gm, (line) =>
    replicas.map((address) => line.replace(`\${WEIR_NGINX_REPLICA}`, address)).join('\n'),
  );
}

function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
