/** Whatever runs long. `stop` is safe twice and before `start`; it ends when nothing of the service runs any more. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}
