import type { Received } from './socket-server.js';
import type { ReceivedPart, WireCase } from './wire-case.js';

/** What of a row is not so in the received request, one line each. */
export function differencesOf(row: WireCase, { method, target, headers, body }: Received): readonly string[] {
  const text = body.toString('utf8');
  const wantedParts = row.parts ?? row.refusedOr;
  return [
    ...compare('method', method, row.verb),
    ...compare('target', target, row.target),
    ...compare('target', target, row.targetAny),
    ...Object.entries(row.headers ?? {}).flatMap(([name, value]) => compareHeader(name, headers.get(name), value)),
    ...(row.absent ?? []).filter((name) => headers.has(name)).map((name) => `header ${name} is there`),
    ...compare('body', text, row.sent),
    ...compare('body', text, row.sentAny),
    ...compare('bytes', body.toString('hex'), row.sentHex),
    ...(wantedParts === undefined ? [] : comparePartLists(wantedParts, readParts(headers.get('content-type') ?? '', body))),
  ];
}

function compare(what: string, is: string | undefined, wanted: string | readonly string[] | undefined): readonly string[] {
  const isRight = wanted === undefined || (typeof wanted === 'string' ? is === wanted : is !== undefined && wanted.includes(is));
  return isRight ? [] : [`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`];
}

function compareHeader(name: string, is: string | undefined, wanted: string): readonly string[] {
  if (!wanted.endsWith('*')) return compare(`header ${name}`, is, wanted);
  return is?.startsWith(wanted.slice(0, -1)) === true ? [] : [`header ${name} is ${JSON.stringify(is)}, not ${wanted}`];
}

function comparePartLists(wanted: readonly ReceivedPart[], received: readonly ReceivedPart[] | string): readonly string[] {
  if (typeof received === 'string') return [received];
  const counts = compare('number of parts', String(received.length), String(wanted.length));
  return [...counts, ...wanted.flatMap((part, index) => comparePart(`part ${index}`, part, received[index] ?? { name: '' }))];
}

/** A plain text part has neither filename nor another type than text/plain. */
function comparePart(what: string, wanted: ReceivedPart, is: ReceivedPart): readonly string[] {
  const found = { ...is, type: is.type === 'text/plain' ? undefined : is.type };
  const heads = (['name', 'filename', 'type'] as const).flatMap((field) => {
    if (wanted[field] === '*') return found[field] === undefined ? [`${what} has no ${field}`] : [];
    return found[field] === wanted[field] ? [] : [`${field} of ${what} is ${JSON.stringify(found[field])}, not ${JSON.stringify(wanted[field])}`];
  });
  return [...heads, ...compare(`text of ${what}`, is.text, wanted.text), ...compare(`bytes of ${what}`, is.hex, wanted.hex)];
}

/** A strict reader of multipart/form-data (RFC 2046 §5.1.1, RFC 7578): nothing before the first boundary, CRLF everywhere. */
function readParts(contentType: string, body: Buffer): readonly ReceivedPart[] | string {
  const boundary = /^multipart\/form-data; boundary=([^\s";]{1,70})$/.exec(contentType)?.[1];
  const text = body.toString('latin1');
  if (boundary === undefined || !text.startsWith(`--${boundary}\r\n`) || !text.endsWith(`\r\n--${boundary}--\r\n`)) return `no multipart/form-data: ${contentType}`;
  return text.slice(boundary.length + 4, -(boundary.length + 8)).split(`\r\n--${boundary}\r\n`).map((part): ReceivedPart => {
    const end = part.indexOf('\r\n\r\n');
    const fields = new Map(Buffer.from(part.slice(0, end), 'latin1').toString('utf8').split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
    const content = Buffer.from(part.slice(end + 4), 'latin1');
    const [, name = '', filename] = /^form-data; name="([^"]*)"(?:; filename="([^"]*)")?$/.exec(fields.get('content-disposition') ?? '') ?? [];
    const type = fields.get('content-type');
    return { name, ...(filename === undefined ? {} : { filename }), ...(type === undefined ? {} : { type }), text: content.toString('utf8'), hex: content.toString('hex') };
  });
}
