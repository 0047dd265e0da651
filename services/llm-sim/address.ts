/** What a request's address says. */
export interface SimulatorAddress {
  /** null: none is named. */
  provider: string | null;
  /** Below the provider, without `/v1`. */
  path: string;
  /** Azure OpenAI names the model in the address. */
  deployment: string | null;
}

const ADDRESS =
  /^(?:\/(?<provider>[a-z0-9-]{1,32}))??(?:\/v1|\/openai\/deployments\/(?<deployment>[^/]+))?(?<path>\/(?:chat\/completions|models|control|health))$/;

/** Takes `/<provider>/v1/chat/completions`, `/<provider>/openai/deployments/<model>/chat/completions`, `/<provider>/control` and the same without provider apart. */
export function parseAddress(url: string): SimulatorAddress {
  const { pathname } = new URL(url, 'http://simulator');
  const { provider = null, deployment = null, path = pathname } = ADDRESS.exec(pathname)?.groups ?? {};
  return { provider, path, deployment: deployment === null ? null : decodeURIComponent(deployment) };
}
