/** What a `Set-Cookie` line says besides name and value (RFC 6265bis §4.1). */
interface CookieLine {
  readonly name: string;
  readonly value: string;
  readonly isSecure: boolean;
  /** Seconds; 0 removes the cookie. */
  readonly maxAge: number;
}

/** Lax: an authorization server sends the browser back by a navigation from another site. */
export function formatCookie({ name, value, isSecure, maxAge }: CookieLine): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

/** With TLS nobody else can set a cookie of this name, not even a neighbouring host of the same domain (RFC 6265bis §4.1.3.2). */
export function cookieName(name: string, isSecure: boolean): string {
  return `${isSecure ? '__Host-' : ''}gatehouse_${name}`;
}

/** @returns undefined also for a cookie that came twice: one of the two is somebody else's */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '').split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
