import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { demoApiKey, demoSecret } from '../authorization-server/clients.js';
import { checkoutFolder, demoFolder } from '../paths.js';
import { type DemoPorts, gatewayUrlsAt, issuerAt } from '../ports.js';
import { PartProcess } from './part.process.js';
import type { StateFolder } from './state.folder.js';

const compiled = join(demoFolder, 'dist');
const gatewayMain = join(checkoutFolder, 'dist', 'main.js');

/** The servers, started in the order in which they need each other and stopped in the reverse one. */
export class DemoStack {
  private readonly parts: PartProcess[] = [];
  private tellEnd: (reason: string) => void = () => undefined;
  /** Settles when a part that had started ends and nobody stopped it. */
  readonly brokenBy = new Promise<string>((resolve) => {
    this.tellEnd = resolve;
  });
  private isStopping = false;

  constructor(
    private readonly ports: DemoPorts,
    private readonly folder: StateFolder,
  ) {}

  async startAuthorizationServer(): Promise<void> {
    const gateways = gatewayUrlsAt(this.ports.gateway).flatMap((url) => ['--gateway', url]);
    const script = join(compiled, 'authorization-server', 'main.js');
    const part = this.start('authorization-server', [script, '--port', String(this.ports.authorizationServer), ...gateways], 20_000);
    await part.waitForMessage();
    this.watch(part);
  }

  startOrdersApi(): Promise<void> {
    return this.startResourceServer('orders-api', this.ports.ordersApi);
  }

  startWikiServer(): Promise<void> {
    return this.startResourceServer('wiki-server', this.ports.wikiServer);
  }

  async startGateway(): Promise<void> {
    const preload = pathToFileURL(join(compiled, 'loopback', 'exit-with-parent.js')).href;
    const args = ['--import', preload, gatewayMain, 'serve', '--config', this.folder.configurationFile];
    const part = this.start('gateway', args, 90_000);
    await part.waitForUrl(`${gatewayUrlsAt(this.ports.gateway)[0]}/readyz`);
    this.watch(part);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    for (const part of this.parts.splice(0).toReversed()) await part.stop();
  }

  private async startResourceServer(name: 'orders-api' | 'wiki-server', port: number): Promise<void> {
    const part = this.start(name, [join(compiled, name, 'main.js'), '--port', String(port), '--issuer', issuerAt(this.ports.authorizationServer)], 20_000);
    await part.waitForMessage();
    this.watch(part);
  }

  private start(name: string, args: readonly string[], readyMs: number): PartProcess {
    const part = new PartProcess({ name, args, env: childEnvironment(), folder: this.folder, readyMs });
    this.parts.push(part);
    return part;
  }

  private watch({ name, ended }: PartProcess): void {
    void ended.then((reason) => this.isStopping || this.tellEnd(`${name} ended by itself (${reason}); its log: ${this.folder.logFile(name)}`));
  }
}

/** A variable meant for somebody's own gateway must not change the demo's. */
function childEnvironment(): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GATEHOUSE_'));
  return { ...Object.fromEntries(inherited), GATEHOUSE_DEMO_SECRET: demoSecret, GATEHOUSE_DEMO_API_KEY: demoApiKey };
}
