/** A media type without its parameters, in lower case. */
export function essenceOf(mediaType: string): string {
  const end = mediaType.indexOf(';');
  return (end === -1 ? mediaType : mediaType.slice(0, end)).trim().toLowerCase();
}

export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json') || essence === 'text/json';
}

/** Media types under which anything may come. */
export const isVague = (essence: string): boolean => ['', 'application/octet-stream', 'binary/octet-stream', 'text/plain', 'application/json'].includes(essence);

/** What a text is whose sender said `essence` of it. */
export function textTypeOf(essence: string, isJson: boolean): string {
  if (isJson) return isJsonType(essence) ? essence : 'application/json';
  return isVague(essence) ? 'text/plain' : essence;
}

/** A range that admits JSON, as some documents write for "JSON". */
export function isWildcard(essence: string): boolean {
  return essence === '*/*' || essence === 'application/*';
}

/** The `charset` parameter in lower case, if any. */
export function charsetOf(mediaType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(mediaType)?.[1]?.toLowerCase();
}

/** `application/x-www-form-urlencoded`, the form whose text is a query string. */
export const isUrlEncodedForm = (essence: string): boolean => essence === 'application/x-www-form-urlencoded';

export const isMultipart = (essence: string): boolean => essence.startsWith('multipart/');

/** One JSON value for each line (`lines`) or each after a record separator (RFC 7464, `sequence`). */
export function jsonStreamOf(essence: string): 'lines' | 'sequence' | undefined {
  if (/^(application|text)\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-l)$/.test(essence)) return 'lines';
  return essence === 'application/json-seq' || essence.endsWith('+json-seq') ? 'sequence' : undefined;
}

export const isXmlType = (essence: string): boolean => essence === 'application/xml' || essence === 'text/xml' || essence.endsWith('+xml');

const textTypes = /^application\/(x-)?(yaml|toml|graphql|sql|javascript|ecmascript|typescript|jsonpath|jwt|jose|pem-file|sh|httpd-php|n-triples|n-quads|trig|sparql-query|sparql-update|rtf|wgsl)$/;

/** A type whose content is text; JSON and forms have readers of their own. */
export function isTextType(essence: string): boolean {
  return essence.startsWith('text/') || isXmlType(essence) || essence.endsWith('+yaml') || essence.startsWith('message/') || textTypes.test(essence);
}

const binaryTypes = /^(image|audio|video|font|model)\/|^application\/(octet-stream|pdf|zip|gzip|zstd|zlib|x-tar|x-gzip|x-bzip2?|x-7z-compressed|x-zip-compressed|java-archive|cbor|msgpack|x-msgpack|vnd\.msgpack|(x-|vnd\.google\.)?protobuf|grpc|avro|wasm|vnd\.(ms-|openxmlformats|oasis|apple)[^+]*)$|\+(zip|gzip|cbor|zstd|protobuf)$/;

/** A type whose content is bytes. SVG is text and an image: as XML it is text. */
export const isBinaryType = (essence: string): boolean => binaryTypes.test(essence) && !isXmlType(essence);

/** Whether a media type range (RFC 9110 §12.5.1) admits a type; both without parameters, in lower case. */
export function admitsType(range: string, essence: string): boolean {
  return range === '*/*' || range === essence || (range.endsWith('/*') && essence.startsWith(range.slice(0, -1)));
}

/** A type and subtype with parameters that a header field can carry. */
export const isSendableType = (mediaType: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[\x20-\x7e]*$/.test(mediaType);
