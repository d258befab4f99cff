import type { HttpRequest } from '@gatehouse-mcp/openapi-tools';
import type { Placement } from '../context/credential.js';

/** The request with its credential in place. An argument of the same name does not stand beside it: the credential is the gateway's to choose. */
export function placeCredential(request: HttpRequest, { in: place, name, prefix, secret }: Placement): HttpRequest {
  const value = prefix + secret.reveal();
  switch (place) {
    case 'header':
      return { ...request, headers: [...request.headers.filter(([header]) => header.toLowerCase() !== name.toLowerCase()), [name.toLowerCase(), value]] };
    case 'query':
      return { ...request, url: addToQuery(request.url, name, value) };
    case 'cookie':
      return { ...request, headers: addToCookie(request.headers, name, value) };
  }
}

/** The other parameters stay as they are written: `searchParams.set` would encode all of them anew. */
function addToQuery(url: URL, name: string, value: string): URL {
  const others = url.search.slice(1).split('&').filter((pair) => pair !== '' && nameOf(pair) !== name);
  const changed = new URL(url);
  changed.search = [...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&');
  return changed;
}

/** What a server reads as the name of a pair. */
function nameOf(pair: string): string | undefined {
  return [...new URLSearchParams(pair).keys()][0];
}

/** One `cookie` header holds all of them (RFC 6265 §5.4). */
function addToCookie(headers: HttpRequest['headers'], name: string, value: string): HttpRequest['headers'] {
  const others = headers.filter(([header]) => header.toLowerCase() !== 'cookie');
  const cookies = headers
    .filter(([header]) => header.toLowerCase() === 'cookie')
    .flatMap(([, text]) => text.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && pair.split('=', 1)[0]?.trim() !== name);
  return [...others, ['cookie', [...cookies, `${name}=${value}`].join('; ')]];
}
