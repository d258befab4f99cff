/** What is wrong with a built request, or undefined: its URL must stay under the base, in the template's number of segments. */
export function judgeRequest(request, baseUrl, template) {
  const base = new URL(baseUrl);
  const { url, headers } = request;
  if (url.origin !== base.origin || url.username !== '' || url.hash !== '') return `url ${url.href.slice(0, 300)}`;
  const prefix = base.pathname.replace(/\/$/, '');
  if (!url.pathname.startsWith(`${prefix}/`)) return `prefix of ${url.pathname.slice(0, 300)}`;
  const wanted = template.split(/[?#]/)[0].split('/').length;
  const segments = url.pathname.slice(prefix.length).split('/');
  if (segments.length !== wanted) return `${segments.length} segments, not ${wanted}: ${url.pathname.slice(0, 300)}`;
  if (segments.some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) return `dot segment in ${url.pathname.slice(0, 300)}`;
  if (new URL(url.href).href !== url.href) return 'URL that a second parser changes';
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return `header name ${JSON.stringify(name)}`;
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return `header ${name}: ${JSON.stringify(value).slice(0, 200)}`;
    if (['host', 'content-length', 'transfer-encoding', 'connection', 'authorization'].includes(name.toLowerCase())) return `header ${name}`;
  }
  const names = headers.map(([name]) => name.toLowerCase());
  if (new Set(names).size !== names.length) return `header twice: ${names.join(', ')}`;
  if (typeof request.body === 'string' && !request.body.isWellFormed()) return 'half a surrogate pair in the body';
  return undefined;
}
