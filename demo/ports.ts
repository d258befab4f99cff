export interface DemoPorts {
  readonly authorizationServer: number;
  readonly ordersApi: number;
  readonly wikiServer: number;
  readonly gateway: number;
}

export const defaultPortBase = 3000;

export function derivePorts(portBase: number): DemoPorts {
  return { authorizationServer: portBase + 1, ordersApi: portBase + 2, wikiServer: portBase + 3, gateway: portBase + 232 };
}

/** Reads what `--port-base` was given; undefined when the ports would not all be real ones. */
export function parsePortBase(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const portBase = Number(text);
  return portBase >= 1024 && portBase + 232 <= 65_535 ? portBase : undefined;
}

/** Another port base, for somebody whose ports are taken. */
export function suggestPortBase(portBase: number): number {
  return parsePortBase(String(portBase + 1000)) ?? defaultPortBase + 1000;
}

export function issuerAt(port: number): string {
  return `http://localhost:${port}`;
}

/** The gateway's public URLs, the first canonical. */
export function gatewayUrlsAt(port: number): readonly [string, string] {
  return [`http://localhost:${port}`, `http://127.0.0.1:${port}`];
}
