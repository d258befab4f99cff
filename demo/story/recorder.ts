import type { FetchLike } from '@modelcontextprotocol/client';

export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly challenge: string | null;
}

/** What an MCP client sent over HTTP, in order: methods, URLs and answers, never headers or bodies with tokens. */
export class Recorder {
  readonly exchanges: Exchange[] = [];

  readonly fetch: FetchLike = async (url, init) => {
    const response = await fetch(url, init);
    this.exchanges.push({
      method: init?.method ?? 'GET',
      url: String(url),
      status: response.status,
      challenge: response.headers.get('www-authenticate'),
    });
    return response;
  };

  count(status: number): number {
    return this.exchanges.filter((exchange) => exchange.status === status).length;
  }
}
