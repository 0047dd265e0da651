export interface Region {
  name: string;
  /** Round trip between people there and the service (ms). */
  rttMs: number;
}

/** Places of the documents, seen from a service in the east of the United States; round trips as the public internet has them. */
export const REGIONS: readonly Region[] = [
  { name: 'local', rttMs: 0 },
  { name: 'us-east', rttMs: 20 },
  { name: 'eu-west', rttMs: 80 },
  { name: 'ap-south', rttMs: 200 },
];
