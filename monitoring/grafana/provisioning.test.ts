import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMPOSE = 'compose/monitoring.yml';
const LOCAL = 'services/local/cluster/monitoring/grafana-part.ts';
const DASHBOARDS = 'monitoring/grafana/dashboards';
const PROVISIONING = 'monitoring/grafana/provisioning';
/** Where Grafana looks below the folder of provisioning. */
const PROVIDERS = `${PROVISIONING}/dashboards/weir.yml`;
const SOURCES = `${PROVISIONING}/datasources/prometheus.yml`;

const text = (file: string) => readFileSync(`${ROOT}${file}`, 'utf8');
const variablesIn = (file: string) => [...text(file).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '');

describe('what Grafana finds when it starts', () => {
  const { environment, volumes } = (
    parse(text(COMPOSE), { merge: true }) as {
      services: { grafana: { environment: Record<string, string>; volumes: string[] } };
    }
  ).services.grafana;
  /** The file of the project behind a path in the container. */
  const mounted = (path: string) => {
    for (const [source = '', target = ''] of volumes.map((volume) => volume.split(':'))) {
      if (path === target || path.startsWith(`${target}/`)) return posix.join(source, path.slice(target.length));
    }
    return undefined;
  };

  it('is one Prometheus and one folder of dashboards, neither of which can be changed in the browser', () => {
    const { datasources } = parse(text(SOURCES)) as { datasources: object[] };
    const { providers } = parse(text(PROVIDERS)) as { providers: object[] };
    expect(datasources).to.have.length(1);
    expect(datasources[0]).to.deep.include({ type: 'prometheus', isDefault: true, editable: false });
    expect(providers).to.have.length(1);
    expect(providers[0]).to.deep.include({ type: 'file', allowUiUpdates: false, disableDeletion: true });
  });

  it('is told where they are by compose and by the local cluster, with every variable that the files ask for', () => {
    const asked = [...variablesIn(SOURCES), ...variablesIn(PROVIDERS)].sort();
    expect(asked).to.deep.equal(['WEIR_DASHBOARDS', 'WEIR_PROMETHEUS_URL']);
    for (const name of asked) {
      expect(environment, COMPOSE).to.have.property(name);
      expect(text(LOCAL), LOCAL).to.include(`${name}: `);
    }
  });

  it('is in the container what is in the project', () => {
    expect(mounted(environment.GF_PATHS_PROVISIONING ?? '')).to.equal(PROVISIONING);
    expect(mounted(environment.WEIR_DASHBOARDS ?? '')).to.equal(DASHBOARDS);
    const home = mounted(environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '');
    expect(home).to.match(/^monitoring\/grafana\/dashboards\/weir-[a-z-]+\.json$/);
    expect(existsSync(`${ROOT}${home}`), home).to.equal(true);
  });
});
