/**
 * Preloaded into the gateway by the demo (`node --import`): the IPC channel closes when the demo is gone, even by
 * kill -9, and the gateway then stops as if it had been told to.
 */
const graceMs = 15_000;

process.on('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), graceMs).unref();
});
process.channel?.unref();
