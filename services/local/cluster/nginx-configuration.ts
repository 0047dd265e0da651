import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';
import { renderTemplate } from './render-template.ts';

export interface NginxSite {
  httpPort: number;
  replicaPorts: readonly number[];
  accessLog: string;
}

/** Passive health: two failures within 5 s take a replica out for 5 s. */
const HEALTH = 'max_fails=2 fail_timeout=5s';

/** The whole configuration of a local Nginx, from the templates in `nginx/`. */
export function nginxConfiguration(site: NginxSite): string {
  const folder = join(PACKAGE_ROOT, 'nginx');
  const template = (name: string) => readFileSync(join(folder, 'templates', name), 'utf8');
  const weir = renderTemplate(template('weir.conf.template'), {
    WEIR_NGINX_LISTEN: `127.0.0.1:${site.httpPort}`,
    WEIR_NGINX_UPSTREAM_SERVERS: site.replicaPorts.map((port) => `  server 127.0.0.1:${port} ${HEALTH};`).join('\n'),
    WEIR_NGINX_ACCESS_LOG: `"${escaped(site.accessLog)}"`,
    WEIR_NGINX_SNIPPETS: escaped(join(folder, 'snippets')),
  });
  return renderTemplate(template('main.conf.template'), {
    // As root the master would make its workers `nobody`, who may not enter our folders.
    WEIR_NGINX_USER: process.getuid?.() === 0 ? 'user root;' : '',
    WEIR_NGINX_SITE: weir,
  });
}

/** For use between double quotes. */
function escaped(path: string): string {
  return path.replace(/[\\"]/g, '\\$&');
}
