import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Tells the test which address it was given, as its only argument. */
const OPENER = `#!${process.execPath}
fetch(process.env.FAKE_BROWSER, { method: 'POST', body: JSON.stringify(process.argv.slice(2)) }).then(({ ok }) => process.exit(ok ? 0 : 1));
`;

/** An `xdg-open` whose browser is the test: what it opens is visited as the test says. */
export class FakeBrowser {
  /** Every address that was opened. */
  readonly opened: URL[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'gatehouse-browser-'));
  readonly #server: Server;

  private constructor(visit: (url: URL) => Promise<void>) {
    mkdirSync(join(this.folder, 'bin'));
    writeFileSync(join(this.folder, 'bin', 'xdg-open'), OPENER);
    chmodSync(join(this.folder, 'bin', 'xdg-open'), 0o755);
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const [url, ...more] = JSON.parse(body) as string[];
        response.writeHead(url !== undefined && more.length === 0 ? 200 : 500).end();
        if (url === undefined) return;
        this.opened.push(new URL(url));
        // What goes wrong there shows in what the command says.
        visit(new URL(url)).catch(() => undefined);
      });
    });
  }

  static async start(visit: (url: URL) => Promise<void>): Promise<FakeBrowser> {
    const browser = new FakeBrowser(visit);
    await new Promise<void>((resolve) => browser.#server.listen(0, '127.0.0.1', resolve));
    return browser;
  }

  /** The variables of a person with a desktop, whose files are all in one folder. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.#server.address() as AddressInfo;
    return { PATH: `${join(this.folder, 'bin')}${delimiter}${process.env['PATH']}`, HOME: this.folder, DISPLAY: ':0', FAKE_BROWSER: `http://127.0.0.1:${port}/` };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
