import { expect } from 'chai';
import { browsedStage } from '../support/browser/browsed-stage.ts';
import type { Browsing } from '../support/browser/browsing.ts';
import { PATIENCE_MS, TEST_MS } from '../support/browser/patience.ts';
import type { Visitor } from '../support/browser/visitor.ts';
import { delayStep, type Stage } from '../support/cluster/stage.ts';
import { until } from '../support/until.ts';

describe('people who run the cluster, in the console', function () {
  this.timeout(TEST_MS);
  let stage: Stage;
  let browsing: Browsing;
  let sre: Visitor;

  browsedStage({ settings: { WEIR_MAX_WORKFLOWS: '1' } }, (opened) => {
    ({ stage, browsing } = opened);
  });
  afterEach(() => stage.endRuns());
  beforeEach(async () => {
    sre = await browsing.visit('sre', { role: 'admin' });
  });

  it('see the cluster as it is now: users, slots, queue, leader, replicas, latencies, and graphs that grow', async () => {
    const workflow_id = await stage.workflow('in the way', delayStep('wait', 3_600));
    const anna = stage.person('anna');
    for (let n = 1; n <= 2; n++) await anna.start({ workflow_id });
    await sre.turnTo('Cluster');
    const { page } = sre;
    await page.getByRole('meter', { name: 'Users' }).and(page.locator('[aria-valuenow="1"]')).waitFor();
    await page
      .getByRole('meter', { name: 'Running workflows' })
      .and(page.locator('[aria-valuetext="1 of 1"]'))
      .waitFor();
    await page.getByRole('meter', { name: 'Waiting workflows' }).and(page.locator('[aria-valuenow="1"]')).waitFor();
    const leader = (await stage.leader()).id;
    await page.getByRole('row', { name: new RegExp(`^${leader} leader`) }).waitFor();
    for (const { id } of stage.cluster.replicas) await page.getByRole('row', { name: new RegExp(`^${id} `) }).waitFor();
    await page.getByText(/ms, .* ms, .* ms/).waitFor();
    await page
      .getByRole('figure', { name: /^Users\. here: [1-9]/ })
      .locator('canvas')
      .waitFor();
    await sre.turnTo('Graphs');
    await page
      .getByRole('figure', { name: /^Running and waiting workflows\. running: 1 now.* waiting: 1 now/ })
      .locator('canvas')
      .waitFor();
  });

  it('change limits on all replicas, and are told what cannot be', async () => {
    await sre.turnTo('Limits');
    const users = sre.page.getByLabel('Users', { exact: true });
    await users.fill('many');
    await sre.page.getByText('Must be a number.').waitFor();
    await users.fill('0');
    await sre.page.getByRole('button', { name: 'Change', exact: true }).click();
    await sre.page.getByRole('alert').waitFor();
    expect((await stage.capacity()).limits.max_users).to.equal(25);
    await users.fill('30');
    await sre.page.getByRole('button', { name: 'Change', exact: true }).click();
    await sre.page.getByText('Changed on all replicas.').waitFor();
    for (const replica of stage.cluster.replicas)
      await until(async () => (await stage.capacity(replica)).limits.max_users === 30, {
        timeoutMs: PATIENCE_MS,
        what: `${replica.id} to know the new limit`,
      });
  });

  it('switch a comfort off by hand, and let it follow the level again', async () => {
    await sre.turnTo('Limits');
    const row = sre.page.getByRole('row', { name: /^typing/ });
    await row.getByRole('combobox').selectOption('off');
    await row.getByText('off', { exact: true }).waitFor();
    await sre.banner.getByText(/Off for now: typing/).waitFor();
    await row.getByRole('combobox').selectOption('auto');
    await row.getByText('on', { exact: true }).waitFor();
    await sre.banner.waitFor({ state: 'detached' });
  });

  it('move somebody forward in the queue, and take somebody out', async () => {
    const workflow_id = await stage.workflow('long', delayStep('wait', 3_600));
    const [anna, bert, carl] = ['anna', 'bert', 'carl'].map((id) => stage.person(id));
    const running = await anna?.start({ workflow_id });
    const second = await bert?.start({ workflow_id });
    const third = await carl?.start({ workflow_id });
    await sre.turnTo('Queue');
    const { page } = sre;
    const users = () => page.locator('tbody tr td:nth-child(3)').allInnerTexts();
    await until(async () => (await users()).join() === 'bert,carl', { timeoutMs: PATIENCE_MS, what: 'two who wait' });
    await page.getByLabel('Priority of long of carl').selectOption('high');
    await until(async () => (await users()).join() === 'carl,bert', {
      timeoutMs: PATIENCE_MS,
      what: 'carl to be first',
    });
    await page.getByRole('button', { name: 'Cancel long of carl' }).click();
    await page.getByRole('button', { name: 'Cancel the run' }).click();
    await until(async () => (await users()).join() === 'bert', { timeoutMs: PATIENCE_MS, what: 'carl to be gone' });
    expect((await carl?.api().getRun(third?.body.run_id ?? ''))?.status).to.equal('cancelled');
    for (const answer of [second, running]) await stage.admin.api().cancel(answer?.body.run_id ?? '');
    await page.getByText('Nobody waits.').waitFor();
  });

  it('choose the provider that is asked first', async () => {
    await sre.turnTo('Providers');
    await sre.page.getByRole('button', { name: 'Ask it first: backup' }).click();
    const backup = sre.page.getByRole('region', { name: 'backup' });
    await backup.getByText('asked first', { exact: true }).waitFor();
    await sre.page.getByRole('button', { name: 'Ask the primary first again' }).click();
    await sre.page.getByRole('region', { name: 'primary' }).getByText('asked first', { exact: true }).waitFor();
  });

  it('tell everybody of an incident until it is over, on the status page too', async () => {
    const { page } = sre;
    await sre.turnTo('Incidents');
    await page.getByRole('button', { name: 'Report an incident' }).click();
    await page.getByLabel('Title').fill('Answers come late');
    await page.getByLabel('What to tell everybody').fill('We are looking into it.');
    await page.getByLabel('Impact').selectOption('major');
    await page.getByLabel('Model providers').check();
    await page.getByRole('button', { name: 'Publish' }).click();
    const card = page.getByRole('article', { name: 'Answers come late' });
    await card.getByText('We are looking into it.').waitFor();

    const stranger = await browsing.stranger({ javaScriptEnabled: false });
    // Without JavaScript the page does not renew itself, and a replica may show what was so a second ago.
    await until(
      async () => {
        await stranger.goto(`${stage.cluster.nginxUrl}/status`);
        return stranger.getByText('Answers come late').isVisible();
      },
      { timeoutMs: PATIENCE_MS, what: 'the incident on the status page' },
    );
    await stranger.getByText('We are looking into it.').waitFor();

    await card.getByRole('button', { name: /^Say more/ }).click();
    await card.getByLabel('Stage').selectOption('resolved');
    await card.getByLabel('What to tell everybody').fill('It was a slow provider.');
    await card.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('region', { name: 'Over' }).getByText('It was a slow provider.').waitFor();
    await page.getByText('Nothing is known to be wrong.').waitFor();
    await stranger.context().close();
  });

  it('send a replica away gently: its sockets move on and it ends', async () => {
    const leaving = stage.cluster.replicas[2];
    const visitor = await browsing.visit('dora', { at: leaving?.url ?? '' });
    expect(await visitor.page.locator('[data-connection]').innerText()).to.contain(leaving?.id);
    await sre.turnTo('Cluster');
    await sre.page.getByRole('button', { name: `Drain ${leaving?.id}` }).click();
    await sre.page.getByRole('button', { name: 'Drain it' }).click();
    await until(() => leaving?.pid === null, { timeoutMs: 90_000, what: 'the replica to end' });
    await sre.page.getByRole('row', { name: new RegExp(`^${leaving?.id} `) }).waitFor({ state: 'detached' });
    await leaving?.start();
    await sre.page.getByRole('row', { name: new RegExp(`^${leaving?.id} `) }).waitFor();
  });

  it('are the only ones who see all this', async () => {
    const anna = await browsing.visit('anna');
    await anna.page.getByRole('link', { name: 'History' }).waitFor();
    expect(await anna.page.getByRole('link', { name: 'Cluster' }).count()).to.equal(0);
    await anna.go('/operations');
    await anna.page.getByText('There is no such page.').waitFor();
  });
});
