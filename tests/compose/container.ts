import { execa } from 'execa';

/** What tests look at of `docker inspect`. */
export interface Container {
  Id: string;
  Name: string;
  Image: string;
  State: { Status: string; ExitCode: number; Pid: number; StartedAt: string; Health?: { Status: string } };
  Config: { User: string; Env: string[]; Labels: Record<string, string> };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    RestartPolicy: { Name: string };
    Memory: number;
    NanoCpus: number;
    LogConfig: { Type: string; Config: Record<string, string> };
    PortBindings: Record<string, unknown[]> | null;
  };
}

export async function inspect(ids: string[]): Promise<Container[]> {
  if (ids.length === 0) return [];
  const { stdout } = await execa('docker', ['inspect', ...ids]);
  return JSON.parse(stdout) as Container[];
}

/** Name of the compose service. */
export function serviceOf(container: Container): string {
  return container.Config.Labels['com.docker.compose.service'] ?? container.Name;
}

/** The name under which the replica in a container speaks: host name (the start of the container's id) and process id. */
export function replicaIdOf(container: Container): string {
  return `${container.Id.slice(0, 12)}-1`;
}

export function isHealthy({ State }: Container): boolean {
  return State.Status === 'running' && State.Health?.Status === 'healthy';
}
