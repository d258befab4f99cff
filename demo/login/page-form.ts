export interface PageForm {
  readonly action: string;
  readonly fields: readonly string[];
  /** Values that the page itself fills in. */
  readonly filled: Readonly<Record<string, string>>;
}

/** Finds the form of one of the demo's own pages; not a parser of foreign HTML. */
export function readForm(html: string): PageForm | undefined {
  const [, action, body] = /<form method="post" action="([^"]*)">(.*?)<\/form>/s.exec(html) ?? [];
  if (action === undefined || body === undefined) return undefined;
  const inputs = [...body.matchAll(/<input [^>]*?name="([^"]*)"[^>]*? value="([^"]*)"/g)];
  return {
    action,
    fields: [...body.matchAll(/ name="([^"]*)"/g)].map((match) => match[1] ?? ''),
    filled: Object.fromEntries(inputs.map(([, name, value]) => [name, value])),
  };
}
