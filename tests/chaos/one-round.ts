import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check/check.ts';
import type { Violation } from './check/violation.ts';
import type { Evidence } from './evidence/evidence.ts';
import type { ChaosOptions } from './options.ts';
import { runRig } from './run-rig.ts';

export interface Round {
  evidence: Evidence;
  violations: Violation[];
  /** Folder with what was seen and the logs of all parts. */
  kept: string;
}

/** Breaks one cluster while a crowd uses it, judges, and keeps what was seen. */
export async function oneRound(options: ChaosOptions, tell: (line: string) => void): Promise<Round> {
  const kept = mkdtempSync(join(tmpdir(), `weir-chaos-${options.seed}-`));
  const keepLogs = (logDir: string) => {
    cpSync(logDir, join(kept, 'logs'), { recursive: true });
  };
  const evidence = await runRig(options, tell, keepLogs);
  const violations = check(evidence);
  writeFileSync(join(kept, 'evidence.json'), JSON.stringify({ options, violations, evidence }));
  tell(`Evidence and logs: ${kept}`);
  return { evidence, violations, kept };
}
