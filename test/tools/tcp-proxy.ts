import { connect, createServer, type Socket } from 'node:net';

/** A wire in front of PostgreSQL that a test can cut. */
export class TcpProxy {
  readonly #server = createServer((client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  /** Cuts the connection at the first message from the client that holds this text. */
  cutAt: { readonly text: string; readonly deliver: boolean } | undefined;
  isDown = false;
  /** Neither answers nor ends: a network that swallows packets. */
  isSilent = false;

  constructor(target: number) {
    this.#target = target;
  }

  static async before(url: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const parsed = new URL(url);
    const proxy = new TcpProxy(Number(parsed.port));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    const address = proxy.#server.address();
    parsed.port = String(typeof address === 'object' && address !== null ? address.port : 0);
    return { proxy, url: parsed.href };
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    if (this.isDown) {
      client.destroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.end();
      });
    }
    client.on('data', (data: Buffer) => this.#forward(data, client, server));
    server.on('data', (data) => {
      if (!this.isSilent) client.write(data);
    });
  }

  #forward(data: Buffer, client: Socket, server: Socket): void {
    const cut = this.cutAt;
    if (cut && data.includes(cut.text)) {
      this.cutAt = undefined;
      client.destroy();
      if (cut.deliver) server.end(data);
      else server.destroy();
      return;
    }
    server.write(data);
  }
}
