import { expect } from 'chai';
import { loadSettings } from './load.ts';
import { secretValues } from './secret-values.ts';

describe('secrets of the configuration', () => {
  it('are keys, passwords of addresses as they are written and read, and values of headers, the longest first', () => {
    const settings = loadSettings({
      WEIR_JWT_SECRET: 'a secret of at least thirty-two characters',
      WEIR_DATABASE_URL: 'postgres://weir:pass%20of%20postgres@127.0.0.1:5432,127.0.0.1:5433/weir',
      WEIR_REDIS_URL: 'redis://:password-of-redis@127.0.0.1',
      WEIR_LLM_PRIMARY_API_KEY: 'sk-a-key-of-a-provider',
      WEIR_LLM_BACKUP_API_KEY: 'simulator',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-one=first-header-value,x-two=second-header-value',
    });
    const values = secretValues(settings);
    expect(values).to.include.members([
      'a secret of at least thirty-two characters',
      'pass%20of%20postgres',
      'pass of postgres',
      'password-of-redis',
      'sk-a-key-of-a-provider',
      'first-header-value',
      'second-header-value',
    ]);
    expect(values).not.to.include('simulator');
    expect(values.map(({ length }) => length)).to.deep.equal(values.map(({ length }) => length).sort((a, b) => b - a));
  });
});
