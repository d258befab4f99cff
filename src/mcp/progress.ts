import type { Notifier } from './answer.js';

/** Well below the minute after which clients give up on a request that says nothing. */
const INTERVAL_MS = 5_000;

/**
 * Tells a client that asked for it that its call is still under way: `progress` is the seconds so far, since an API says no more.
 * @param token `_meta.progressToken` of the request
 * @returns how to stop
 */
export function reportProgress(notifier: Notifier, token: unknown, message: string): () => void {
  if ((typeof token !== 'string' && typeof token !== 'number') || !notifier.takesNotifications) return () => undefined;
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const progress = Math.round((performance.now() - startedAt) / 1_000);
    notifier.notify('notifications/progress', { progressToken: token, progress, message });
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}
