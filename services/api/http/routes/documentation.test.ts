import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { ERROR_CATALOGUE } from '../../../../shared/errors/catalogue.ts';
import { problemSchema } from '../../../../shared/protocol/http.ts';
import { type ApiCluster, type ApiReplica, apiCluster, token } from '../../../../tests/support/api/api-cluster.ts';
import { storeWorkflow } from '../../../../tests/support/api/store-workflow.ts';

/** A layer of Express's router, as far as this test looks. */
interface Layer {
  route?: { path: string; stack: Array<{ method?: string }> };
}

describe('the API document', () => {
  let cluster: ApiCluster;
  let replica: ApiReplica;
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, read like a reader would
  let document: any;

  before(async () => {
    cluster = await apiCluster({ limits: { max_workflows: 1 } });
    replica = await cluster.addReplica();
    document = (await replica.http('GET', '/api/v1/openapi.json')).body;
  });
  after(() => cluster.close());

  it('has every route of the app, and the app every route of it', () => {
    const layers = (replica.api.app.router as unknown as { stack: Layer[] }).stack;
    const served = layers.flatMap(({ route }) =>
      (route?.stack ?? []).flatMap(({ method }) =>
        method === undefined ? [] : [`${method} ${route?.path.replace(/:(\w+)/g, '{$1}')}`],
      ),
    );
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).to.deep.equal(served.sort());
    expect(described).to.include('post /api/v1/trigger');
  });

  it('is OpenAPI 3.1 without dangling references, and every operation has a name of its own', () => {
    expect(document.openapi).to.equal('3.1.0');
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = (ref ?? '').split('/').reduce((node, key) => node?.[key], document);
      expect(target, ref).not.to.equal(undefined);
    }
    const names = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods as object).map((operation) => operation.operationId),
    );
    expect(new Set(names).size).to.equal(names.length);
  });

  it('describes what has to be sent: fields, bounds, the idempotency key, the token', () => {
    const trigger = document.paths['/api/v1/trigger'].post;
    expect(trigger.security).to.deep.equal([{ bearer: [] }]);
    expect(trigger.parameters.map(({ name }: { name: string }) => name)).to.deep.equal(['Idempotency-Key']);
    expect(trigger.requestBody.content['application/json'].schema).to.deep.equal({
      $ref: '#/components/schemas/Trigger',
    });
    expect(document.components.schemas.Trigger.required).to.deep.equal(['workflow_id']);
    expect(document.components.schemas.QueuePlace.type).to.equal('object');
    expect(document.components.schemas.Accepted.properties.queue).to.deep.equal({
      anyOf: [{ $ref: '#/components/schemas/QueuePlace' }, { type: 'null' }],
    });
    expect(Object.keys(trigger.responses)).to.include.members([
      '202',
      '400',
      '401',
      '404',
      '413',
      '415',
      '422',
      '429',
      '503',
    ]);
    expect(document.paths['/api/v1/system/status'].get.security).to.deep.equal([]);
  });

  it('holds for real answers: each is of a documented status and passes the schema of its route', async () => {
    const workflowId = await storeWorkflow(replica);
    const ann = await token('ann');
    const admin = await token('root', 'admin');
    const start = { token: ann, body: { workflow_id: workflowId, payload: { a: 1 } } };
    const first = (await replica.http('POST', '/api/v1/trigger', start)).body.run_id;
    const waiting = (await replica.http('POST', '/api/v1/trigger', start)).body.run_id;
    const definition = { name: 'x', steps: [{ name: 's', type: 'delay', config: { duration: 0 } }] };
    const calls: Array<[string, string, string?, object?]> = [
      ['get', '/'],
      ['get', '/health'],
      ['get', '/ready'],
      ['get', '/api/v1/system/status'],
      ['get', '/api/v1/openapi.json'],
      ['post', '/api/v1/workflows', '', { token: ann, body: definition }],
      ['post', '/api/v1/workflows', '', { token: ann, body: {} }],
      ['get', '/api/v1/workflows', '?limit=1', { token: ann }],
      ['get', '/api/v1/workflows/:id', workflowId, { token: ann }],
      ['post', '/api/v1/trigger', '', start],
      ['post', '/api/v1/trigger', '', { token: ann, raw: '{' }],
      ['post', '/api/v1/trigger', '', { token: ann, raw: 'x', headers: { 'Content-Type': 'text/plain' } }],
      ['get', '/api/v1/runs', '?limit=2', { token: ann }],
      ['get', '/api/v1/runs', '?limit=0', { token: ann }],
      ['get', '/api/v1/runs', ''],
      ['get', '/api/v1/runs/:id', waiting, { token: ann }],
      ['get', '/api/v1/runs/:id', waiting, { token: await token('bob') }],
      ['post', '/api/v1/runs/:id/retry', waiting, { token: ann }],
      ['post', '/api/v1/runs/:id/cancel', first, { token: ann }],
      ['post', '/api/v1/runs/:id/cancel', first, { token: ann }],
      ['get', '/api/v1/queue', '', { token: ann }],
      ['post', '/api/v1/ws-ticket', '', { token: ann }],
      ['get', '/api/v1/admin/capacity', '', { token: admin }],
      ['get', '/api/v1/admin/capacity', '', { token: ann }],
      ['patch', '/api/v1/admin/capacity', '', { token: admin, body: { max_users: 30 } }],
    ];
    for (const [method, path, part = '', call = {}] of calls) {
      const address = path.includes(':id') ? path.replace(':id', part) : `${path}${part}`;
      const answer = await replica.http(method.toUpperCase(), address, call);
      const label = `${method} ${address} → ${answer.status} ${answer.text.slice(0, 200)}`;
      const responses = document.paths[path.replace(':id', '{id}')][method].responses;
      expect(responses, label).to.have.property(String(answer.status));
      const route = replica.api.routes.find((candidate) => candidate.path === path && candidate.method === method);
      const schema = answer.status < 400 ? route?.answer.schema : problemSchema;
      expect(schema?.safeParse(answer.body).error?.issues, label).to.equal(undefined);
      if (answer.status >= 400)
        expect(responses[answer.status].description, label).to.include(`\`${answer.body.code}\``);
    }
  });

  it('names only codes of the catalogue', () => {
    for (const [, code] of JSON.stringify(document.paths).matchAll(/`([a-z_]+)`: /g)) {
      expect(Object.keys(ERROR_CATALOGUE)).to.include(code);
    }
  });

  it('can be browsed on a page that runs no script and loads nothing', async () => {
    const { headers, text } = await replica.http('GET', '/api/v1/docs');
    expect(headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(text).to.include('/api/v1/runs/{id}/cancel').and.to.include('id="schema-Run"');
    expect(text).not.to.match(/<script|<link|<img|https?:\/\/(?!example\.com)|\son\w+=|undefined|\[object/i);
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy'])
      .to.match(/^default-src 'none'; /)
      .and.to.include(`'sha256-${hash}'`);
    for (const [, id] of text.matchAll(/href="#([^"]+)"/g)) expect(text).to.include(`id="${id}"`);
  });
});
