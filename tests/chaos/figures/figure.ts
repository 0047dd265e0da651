import type { Stage } from '../../support/cluster/stage.ts';

/** What is promised of something that is measured. */
export interface Figure {
  /** For the table: "leader killed → next start by another". */
  about: string;
  unit: 'ms' | 'requests';
  most: number;
}

/** One way of breaking, measured as often as wished on one cluster. */
export interface Measurement {
  figures: Readonly<Record<string, Figure>>;
  stage: NonNullable<Parameters<typeof Stage.open>[0]>;
  /** What the cluster does meanwhile. */
  begin(stage: Stage): Promise<Measuring>;
}

export interface Measuring {
  /** Breaks, measures and mends, and waits until all is as before. `n`: from 1. Resolves to a value for each figure, in its unit. */
  once(n: number): Promise<Record<string, number>>;
  end(): Promise<void>;
}
