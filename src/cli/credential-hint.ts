import type { CredentialNeed, Operation } from '@gatehouse-mcp/openapi-tools';

/** What the operations ask for and no header gives, as one line for the person; undefined when nothing is missing. */
export function describeMissingCredentials(operations: readonly Operation[], given: readonly string[]): string | undefined {
  const headers = new Set(given.map((name) => name.toLowerCase()));
  const lacking = operations.filter(({ credentials }) => credentials.length > 0 && !credentials.some((needs) => needs.every((need) => headers.has(headerOf(need)))));
  if (lacking.length === 0) return undefined;
  const wanted = new Set(lacking.flatMap(({ credentials }) => credentials.flat().map(describeNeed)));
  return `${lacking.length} of ${operations.length} operations ask for a credential that no --header gives: ${[...wanted].slice(0, 6).join(', ')}`;
}

/** Name of the header that satisfies the need, in lower case; a query key has none. */
function headerOf({ kind, in: place, name = '' }: CredentialNeed): string {
  if (kind !== 'apiKey') return 'authorization';
  return place === 'header' ? name.toLowerCase() : place === 'cookie' ? 'cookie' : '';
}

function describeNeed(need: CredentialNeed): string {
  const header = headerOf(need);
  if (header === '') return `the query parameter ${need.name} (${need.scheme}), which --base-url can carry: --base-url 'URL?${need.name}=…'`;
  return header === 'authorization' ? `Authorization (${need.scheme})` : `${header === 'cookie' ? 'Cookie' : need.name} (${need.scheme})`;
}
