/** A loopback port in front of the gateway that writes down every byte, for a failure whose request and response must be seen. */
import { createWriteStream } from 'node:fs';
import { connect, createServer } from 'node:net';

/** @param {number} port this proxy's @param {number} target the gateway's @param {string} file */
export async function startWire(port, target, file) {
  const log = createWriteStream(file, { mode: 0o600 });
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  let count = 0;
  const server = createServer((client) => {
    count += 1;
    const name = `connection ${count}`;
    const gateway = connect(target, '127.0.0.1');
    const note = (/** @type {string} */ what) => log.write(`\n--- ${name} ${new Date().toISOString()} ${what}\n`);
    for (const [socket, other, side] of /** @type {const} */ ([[client, gateway, 'client'], [gateway, client, 'gateway']])) {
      open.add(socket);
      socket.on('data', (chunk) => {
        note(`${side}:`);
        log.write(chunk);
        other.write(chunk);
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        note(`${side} closed`);
        open.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  return async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    log.end();
  };
}
