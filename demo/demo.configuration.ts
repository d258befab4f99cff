import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dump, load } from 'js-yaml';
import { demoFolder } from './paths.js';
import type { DemoPorts } from './ports.js';

const written: DemoPorts = { authorizationServer: 3001, ordersApi: 3002, wikiServer: 3003, gateway: 3232 };

export const demoConfigurationFile = join(demoFolder, 'gatehouse.yaml');

/** The demo's gatehouse.yaml as text, for other ports and another folder: URLs, the port and `file:` paths follow. */
export function moveConfiguration(ports: DemoPorts, file = demoConfigurationFile): string {
  const document = load(readFileSync(file, 'utf8'));
  return dump(moveValue(document, ports, dirname(file)), { lineWidth: 120, noRefs: true });
}

function moveValue(value: unknown, ports: DemoPorts, folder: string): unknown {
  if (typeof value === 'string') return moveText(value, ports, folder);
  if (value === written.gateway) return ports.gateway;
  if (Array.isArray(value)) return value.map((item: unknown) => moveValue(item, ports, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moveValue(item, ports, folder)]));
}

function moveText(text: string, ports: DemoPorts, folder: string): string {
  if (text.startsWith('file:./')) return `file:${join(folder, text.slice('file:./'.length))}`;
  return text.replace(/(localhost|127\.0\.0\.1):(\d+)/g, (whole, host: string, port: string) => {
    const name = (Object.keys(written) as (keyof DemoPorts)[]).find((key) => String(written[key]) === port);
    return name ? `${host}:${ports[name]}` : whole;
  });
}
