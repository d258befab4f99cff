/**
 * Milliseconds that this thread has computed. A clock goes on while another process has the processor, so that a bound on what an input
 * costs would depend on what else the machine does.
 */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Milliseconds that the longest turn of the event loop computes until `work` is done: what everybody else waits for. */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let [longest, before] = [0, threadTime()];
  const look = () => {
    const now = threadTime();
    longest = Math.max(longest, now - before);
    before = now;
  };
  const timer = setInterval(look, 5);
  try {
    await work();
    // What a last turn did before it ended the work.
    look();
  } finally {
    clearInterval(timer);
  }
  return longest;
}
