import { nginxDefaults } from './nginx-configuration.ts';

const PREFIX = 'WEIR_NGINX_';

/** What the launcher decides, and why. */
const OWN: Record<string, string> = {
  WEIR_NGINX_REPLICA: 'the launcher knows where the replicas are',
  WEIR_NGINX_LISTEN: 'the cluster listens on WEIR_HTTP_PORT',
  WEIR_NGINX_STATUS_LISTEN: 'it gets a free port, which "make up" prints',
  WEIR_NGINX_RUN: 'everything is below WEIR_STATE_DIR',
  WEIR_NGINX_ACCESS_LOG: '"make logs PART=access" shows it',
  WEIR_NGINX_ERROR_LOG: '"make logs PART=nginx" shows it',
};

/** A local cluster speaks plain HTTP and has the console's files. The `.env` of a clone may have them for its containers, so they are passed over. */
const FOR_CONTAINERS = /^WEIR_NGINX_(SCHEME|TLS_.*|CONSOLE.*|STATUS_PAGE_FOLDER)$/;

/** Whether a setting is for Nginx and not for the replicas. */
export function isNginxSetting(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Why a setting for Nginx cannot be taken, as a sentence; null: it can. */
export function nginxSettingFault(name: string): string | null {
  if (name in OWN) return `${name} cannot be set for a local cluster: ${OWN[name]}.`;
  if (!(name in nginxDefaults())) return `${name} is not a variable of Nginx; nginx/README.md lists them.`;
  return null;
}

/** Those of a cluster's settings that fill in the templates of Nginx. */
export function nginxSettings(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => isNginxSetting(name) && !FOR_CONTAINERS.test(name)),
  );
}
