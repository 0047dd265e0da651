import { expect } from 'chai';
import { Stage } from '../cluster/stage.ts';
import { Browsing } from './browsing.ts';
import { TEST_MS } from './patience.ts';

export interface BrowsedStage {
  stage: Stage;
  browsing: Browsing;
}

/**
 * A cluster and a Chromium in front of it, for the suite that calls this: there before its first test, gone after its last.
 * After each test every visitor leaves, and no page may have complained. `begin` gets them, and prepares what all tests need.
 */
export function browsedStage(
  options: Parameters<typeof Stage.open>[0],
  begin: (opened: BrowsedStage) => void | Promise<void>,
): void {
  let stage: Stage | undefined;
  let browsing: Browsing | undefined;

  before(async function () {
    this.timeout(TEST_MS);
    stage = await Stage.open(options);
    browsing = await Browsing.open(stage.cluster);
    await begin({ stage, browsing });
  });
  afterEach(async () => {
    await browsing?.clear();
    expect(browsing?.complaints()).to.deep.equal([]);
  });
  after(async () => {
    await browsing?.close();
    await stage?.close();
  });
}
