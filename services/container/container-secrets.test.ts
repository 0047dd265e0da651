import { expect } from 'chai';
import { faultsOf, masterSecrets, type SecretsRequest, secretFiles } from './container-secrets.ts';

const NOTHING: SecretsRequest['given'] = {
  database_password: '',
  redis_password: '',
  jwt_secret: '',
  grafana_password: '',
  llm_primary_api_key: '',
  llm_backup_api_key: '',
  otlp_headers: '',
};
const GOOD = {
  database_password: 'a-good-password-of-postgres',
  redis_password: 'a-good-password-of-redis',
  jwt_secret: 'a-secret-that-has-at-least-thirty-two-characters',
};

function request(given: Partial<SecretsRequest['given']>, rest: Partial<SecretsRequest> = {}): SecretsRequest {
  return { demo: false, jwksUrl: '', primaryBaseUrl: '', ...rest, given: { ...NOTHING, ...given } };
}

describe('secrets of the containers', () => {
  it('must all be given outside the demo, and each that is missing is named', () => {
    const faults = faultsOf(request({}));
    expect(faults).to.have.length(3);
    for (const name of ['WEIR_DATABASE_PASSWORD', 'WEIR_REDIS_PASSWORD', 'WEIR_JWT_SECRET or WEIR_JWKS_URL'])
      expect(faults.join('\n')).to.include(name);
    expect(faultsOf(request(GOOD))).to.deep.equal([]);
    expect(faultsOf(request({ ...GOOD, jwt_secret: '' }, { jwksUrl: 'https://id.example.com/keys' }))).to.deep.equal(
      [],
    );
  });

  it('are refused when they are short, or hold what a configuration file would read as something else', () => {
    const faults = faultsOf(
      request({ ...GOOD, database_password: 'short', redis_password: 'with a "quote" and space' }),
    );
    expect(faults).to.deep.equal([
      'WEIR_DATABASE_PASSWORD must have at least 16 characters.',
      'WEIR_REDIS_PASSWORD may have letters, digits and . _ ~ - only.',
    ]);
    expect(faultsOf(request({ ...GOOD, jwt_secret: 'short' }))).to.have.length(1);
    expect(faultsOf(request(GOOD, { jwksUrl: 'https://id.example.com/keys' }))).to.deep.equal([
      'WEIR_JWT_SECRET and WEIR_JWKS_URL exclude each other.',
    ]);
  });

  it('are made in the demo, stay what they were at the next start, and give way to those that are given', () => {
    const demo = request({}, { demo: true });
    expect(faultsOf(demo)).to.deep.equal([]);
    const made = masterSecrets(demo, {});
    expect(masterSecrets(demo, {})).not.to.deep.equal(made);
    expect(masterSecrets(demo, made)).to.deep.equal(made);
    const mixed = masterSecrets(request({ redis_password: GOOD.redis_password }, { demo: true }), made);
    expect(mixed).to.deep.equal({ ...made, redis_password: GOOD.redis_password });
  });

  it('reach only the container that needs them', () => {
    const given = request(GOOD);
    const files = Object.entries(secretFiles(given, masterSecrets(given, {})));
    const whoHas = (secret: string) => [
      ...new Set(files.filter(([, text]) => text.includes(secret)).map(([path]) => path.split('/')[0])),
    ];
    expect(whoHas(GOOD.jwt_secret)).to.deep.equal(['api']);
    expect(whoHas(GOOD.database_password)).to.deep.equal(['api', 'postgres', 'pgbouncer']);
    expect(whoHas(GOOD.redis_password)).to.deep.equal(['api', 'redis', 'monitoring']);
  });

  it('name the simulated providers in the demo, unless a real one is named; never in production', () => {
    const providers = (demo: boolean, primaryBaseUrl: string) => {
      const asked = request(GOOD, { demo, primaryBaseUrl });
      return secretFiles(asked, masterSecrets(asked, {}))['api/providers.env'];
    };
    expect(providers(true, '')).to.include('WEIR_LLM_PRIMARY_BASE_URL=http://llm-sim:4010/primary/v1');
    expect(providers(true, 'https://models.example.com/v1')).to.equal('');
    expect(providers(false, '')).to.equal('');
  });
});
