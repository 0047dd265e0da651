import { expect } from 'chai';
import { ApiClient } from '../../shared/protocol/client/api-client.ts';
import { bearerEndpoint } from '../../shared/protocol/client/bearer-endpoint.ts';
import { Listener } from '../support/cluster/listener.ts';
import { delayStep } from '../support/cluster/stage.ts';
import { stackOfThisRun } from './stack.ts';

describe('a user of the composed product', () => {
  const stack = stackOfThisRun();
  const admin = stack.api('root', 'admin');

  it('gets a token from an operator, starts, waits in the queue, watches live, cancels, and reads the result', async () => {
    const token = await stack.compose(['exec', '-T', 'api', 'weir-token', 'ada']);
    expect(token).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const ada = new ApiClient({ baseUrl: stack.url, token: () => token });
    const { limits } = await admin.capacity();
    const long = await ada.createWorkflow({ name: 'long', steps: [delayStep('wait', 120)] });
    const greeting = await ada.createWorkflow({
      name: 'greeting',
      steps: [{ name: 'greet', type: 'llm', config: { prompt: 'Greet {{payload.name}}.' } }],
    });
    const listener = await new Listener({ endpoint: bearerEndpoint(stack.url, () => token) }).live();
    try {
      await admin.patchCapacity({ max_workflows: 1 });
      const first = await ada.trigger({ workflow_id: long.id, payload: {} });
      await listener.heard(() => listener.runsOf('WORKFLOW_STARTING').includes(first.run_id), 'the first run to start');
      const second = await ada.trigger({ workflow_id: greeting.id, payload: { name: 'Ada' } });
      expect(second.queue?.position).to.equal(1);
      await listener.heard(() => listener.runsOf('WORKFLOW_QUEUED').includes(second.run_id), 'the place in the queue');
      expect((await ada.cancel(first.run_id)).status).to.equal('cancelled');
      await listener.heard(() => listener.runsOf('WORKFLOW_COMPLETED').includes(second.run_id), 'the end', 20_000);
      expect(listener.ofType('WORKFLOW_OUTPUT').length, 'words as they came').to.be.greaterThan(1);
      const run = await ada.getRun(second.run_id);
      expect(run.status).to.equal('succeeded');
      expect(run.result).to.include('Greet Ada.');
    } finally {
      await admin.patchCapacity({ max_workflows: limits.max_workflows });
      await listener.close();
    }
  });

  it('opens the console in a browser: page and program come from the replicas', async () => {
    const page = await fetch(`${stack.url}/console/`);
    expect([page.status, page.headers.get('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8']);
    const [, program = 'none'] = /<script[^>]* src="([^"]+)"/.exec(await page.text()) ?? [];
    const script = await fetch(new URL(program, page.url));
    expect([script.status, script.headers.get('content-type')]).to.deep.equal([200, 'text/javascript; charset=utf-8']);
    expect((await script.text()).length).to.be.greaterThan(10_000);
  });

  it('an operator asks inside a container how it is', async () => {
    expect(await stack.compose(['exec', '-T', 'api', 'weir', 'status'])).to.include('Weir is Healthy');
  });

  it('strangers get neither metrics nor anything without a token', async () => {
    expect((await fetch(`${stack.url}/metrics`)).status).to.equal(404);
    expect((await fetch(`${stack.url}/api/v1/runs`)).status).to.equal(401);
  });
});
