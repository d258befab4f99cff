export interface PageForm {
  readonly action: string;
  readonly fields: readonly string[];
}

/** Finds the form of one of the demo's own pages; not a parser of foreign HTML. */
export function readForm(html: string): PageForm | undefined {
  const [, action, body] = /<form method="post" action="([^"]*)">(.*?)<\/form>/s.exec(html) ?? [];
  if (action === undefined || body === undefined) return undefined;
  return { action, fields: [...body.matchAll(/ name="([^"]*)"/g)].map((match) => match[1] ?? '') };
}
