import type { Cores } from './cores.js';
import type { Upstream } from './upstream.js';

/** One request, sent again and again. */
export interface LoadRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Text that stands in every right answer. */
  readonly marker: string;
}

export interface MeasuredServer {
  readonly name: 'plain' | 'gatehouse';
  readonly pid: number;
  /** PostgreSQL's first process, where the server has one. */
  readonly databasePid: number | undefined;
  readonly request: LoadRequest;
}

/** What the parts of a bench are started with. */
export interface BenchSetup {
  /** For files of this bench only. */
  readonly folder: string;
  readonly cores: Cores;
  readonly upstream: Upstream;
  /** Whatever was started, to be stopped in the opposite order; each part adds its own at once. */
  readonly started: { stop(): Promise<void> }[];
}
