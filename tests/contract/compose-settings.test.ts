import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { COMPOSE_SETTINGS, SET_BY_COMPOSE } from '../../shared/config/compose-settings.ts';
import { SETTINGS } from '../../shared/config/schema.ts';

const FILES = [
  'docker-compose.yml',
  'compose/common.yml',
  'compose/demo.yml',
  'compose/production.yml',
  'compose/monitoring.yml',
];
const text = Object.fromEntries(
  FILES.map((file) => [file, readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')]),
);

interface ComposeFile {
  services: Record<string, { environment?: Record<string, string | null> }>;
}

function environmentOf(file: string, service: string): Record<string, string | null> {
  const { services } = parse(text[file] ?? '', { merge: true }) as ComposeFile;
  return services[service]?.environment ?? {};
}

/** Every `${NAME:-default}` outside comments; defaults of files in compose/ are relative to that folder. */
function variables(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [file, content] of Object.entries(text)) {
    const lines = content.replace(/^\s*#.*$/gm, '');
    for (const [, name = '', value] of lines.matchAll(/\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}/g)) {
      const fallback = file.startsWith('compose/') ? value?.replace(/^\.\.\//, './') : value;
      found.set(name, (found.get(name) ?? new Set()).add(fallback ?? ''));
    }
  }
  return found;
}

describe('the settings of docker compose', () => {
  it('are the ones in the table, with its defaults, wherever a compose file names them', () => {
    const used = variables();
    for (const [name, fallbacks] of used) {
      if (name.startsWith('WEIR_NGINX_') && !(name in COMPOSE_SETTINGS)) continue;
      const setting = COMPOSE_SETTINGS[name];
      if (setting === undefined) expect(SETTINGS, name).to.have.property(name);
      else if (setting.default !== '') expect([...fallbacks], name).to.deep.equal([setting.default]);
    }
    const read = [
      ...used.keys(),
      ...Object.keys(environmentOf('compose/common.yml', 'secrets')),
      ...Object.keys(environmentOf('compose/demo.yml', 'secrets')),
    ];
    expect(read).to.include.members(Object.keys(COMPOSE_SETTINGS));
  });

  it('pass every setting of a replica on to it, secrets as files', () => {
    const api = environmentOf('docker-compose.yml', 'api');
    for (const [name, setting] of Object.entries(SETTINGS)) {
      if (SET_BY_COMPOSE.includes(name)) continue;
      const passed = 'secret' in setting ? `${name}_FILE` : name;
      expect(api, `settings of service api`).to.have.property(passed);
      // A secret that is a variable of the container shows whenever somebody inspects it.
      if ('secret' in setting) expect(api).not.to.have.property(name);
      else expect(api[name], `${name} is whatever .env or the shell says, or stands in SET_BY_COMPOSE`).to.equal(null);
    }
  });

  it('give the one-shot that hands out secrets every secret', () => {
    const secrets = {
      ...environmentOf('compose/common.yml', 'secrets'),
      ...environmentOf('compose/demo.yml', 'secrets'),
    };
    const own = Object.entries(SETTINGS).flatMap(([name, setting]) => ('secret' in setting ? [name] : []));
    expect(Object.keys(secrets)).to.include.members(own.filter((name) => !SET_BY_COMPOSE.includes(name)));
    expect(Object.keys(environmentOf('compose/production.yml', 'secrets')).sort()).to.deep.equal(
      Object.keys(environmentOf('compose/demo.yml', 'secrets')).sort(),
    );
  });
});
