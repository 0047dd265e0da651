import type { ProgramName } from '../servers/program-names.ts';

/** What a package manager calls the package of each program. A program that is not listed has none there. */
export type Packages = Readonly<Partial<Record<ProgramName, string>>>;

/** Debian's and Ubuntu's names. `redis-server` pulls in redis-tools, which holds the program. Grafana is in neither. */
export const DEBIAN_PACKAGES: Packages = {
  postgres: 'postgresql',
  redis: 'redis-server',
  nginx: 'nginx',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  alertmanager: 'prometheus-alertmanager',
  amtool: 'prometheus-alertmanager',
  'node-exporter': 'prometheus-node-exporter',
  'postgres-exporter': 'prometheus-postgres-exporter',
  'redis-exporter': 'prometheus-redis-exporter',
  'nginx-exporter': 'prometheus-nginx-exporter',
  chromium: 'chromium',
  faketime: 'faketime',
};

/** Homebrew has no formula for the exporters of Postgres, Redis and Nginx, nor for a browser (it has casks). */
export const FORMULAS: Packages = {
  postgres: 'postgresql@16',
  redis: 'redis',
  nginx: 'nginx',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  alertmanager: 'alertmanager',
  amtool: 'alertmanager',
  'node-exporter': 'node_exporter',
  faketime: 'libfaketime',
};

/** Further package managers by their program. None of these commands starts a service. */
export const MANAGERS: ReadonlyArray<{ program: string; command: string; packages: Packages }> = [
  {
    program: '/usr/bin/dnf',
    command: 'sudo dnf install',
    packages: {
      postgres: 'postgresql-server',
      redis: 'valkey',
      nginx: 'nginx',
      chromium: 'chromium',
      faketime: 'libfaketime',
    },
  },
  {
    program: '/usr/bin/pacman',
    command: 'sudo pacman -S',
    packages: {
      postgres: 'postgresql',
      redis: 'valkey',
      nginx: 'nginx',
      prometheus: 'prometheus',
      promtool: 'prometheus',
      alertmanager: 'alertmanager',
      amtool: 'alertmanager',
      'node-exporter': 'prometheus-node-exporter',
      chromium: 'chromium',
      faketime: 'libfaketime',
    },
  },
  {
    program: '/usr/bin/zypper',
    command: 'sudo zypper install',
    packages: {
      postgres: 'postgresql-server',
      redis: 'redis',
      nginx: 'nginx',
      chromium: 'chromium',
      faketime: 'libfaketime',
    },
  },
  {
    program: '/sbin/apk',
    command: 'sudo apk add',
    packages: {
      postgres: 'postgresql16',
      redis: 'redis',
      nginx: 'nginx',
      prometheus: 'prometheus',
      promtool: 'prometheus',
      alertmanager: 'alertmanager',
      amtool: 'alertmanager',
      'node-exporter': 'prometheus-node-exporter',
      chromium: 'chromium',
      faketime: 'libfaketime',
    },
  },
];

/** The packages of these programs, each once. */
export function packagesOf(names: readonly ProgramName[], packages: Packages): string[] {
  return [...new Set(names.flatMap((name) => packages[name] ?? []))];
}
