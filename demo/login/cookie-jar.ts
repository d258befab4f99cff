interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly origin: string;
}

/** As much of RFC 6265 as a login needs: cookies by origin and path, deleted when they expire. */
export class CookieJar {
  private cookies: Cookie[] = [];

  store(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const path = readAttribute(attributes, 'path') ?? '/';
      const expires = Date.parse(readAttribute(attributes, 'expires') ?? '');
      this.cookies = this.cookies.filter((cookie) => !(cookie.name === name && cookie.path === path && cookie.origin === url.origin));
      // No `expires` parses to NaN, and no `max-age` is 1: kept until the jar goes.
      if (!(expires <= Date.now()) && Number(readAttribute(attributes, 'max-age') ?? 1) > 0) this.cookies.push({ name, value: pair.slice(name.length + 1), path, origin: url.origin });
    }
  }

  headerFor(url: URL): string {
    const matching = this.cookies.filter((cookie) => cookie.origin === url.origin && matchesPath(url.pathname, cookie.path));
    return matching.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
  }
}

function readAttribute(attributes: readonly string[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
}

function matchesPath(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}
