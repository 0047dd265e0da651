/** What of a plan is worth a line, read from the text of `EXPLAIN (ANALYZE, BUFFERS)`. */
export interface PlanEssence {
  /** How tables are read, from the top: `Index Scan using runs_pkey`; each once. */
  scans: string[];
  /** Tables that are read from end to end. */
  wholeTables: string[];
  /** Pages touched, of the cache and beyond it. */
  buffers: number;
  /** Rows of the answer. */
  rows: number;
  /** Time of the execution (ms). */
  ms: number;
}

const SCAN =
  /(?:^|->) *((?:Parallel )?(?:Seq Scan|Index Only Scan using \S+|Index Scan(?: Backward)? using \S+|Index Only Scan Backward using \S+|Bitmap Index Scan) on (\S+)|Bitmap Index Scan on \S+)/;

export function essenceOf(text: string): PlanEssence {
  const scans = new Set<string>();
  const wholeTables = new Set<string>();
  for (const line of text.split('\n')) {
    // A part that was never executed cost nothing: pages of a status nobody asked for.
    if (line.includes('(never executed)')) continue;
    const [, scan, table] = SCAN.exec(line) ?? [];
    if (scan === undefined) continue;
    if (scan.includes('Seq Scan')) wholeTables.add(table ?? '');
    scans.add(scan.replace(/ on \S+$/, (on) => (scan.includes(' using ') ? '' : on)));
  }
  const [, hit = '0', read = '0'] = /Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/.exec(text) ?? [];
  const rows = Number(/\(actual [^)]*rows=([\d.]+)/.exec(text)?.[1] ?? 0);
  const ms = Number(/Execution Time: ([\d.]+) ms/.exec(text)?.[1] ?? Number.NaN);
  return { scans: [...scans], wholeTables: [...wholeTables], buffers: Number(hit) + Number(read), rows, ms };
}
