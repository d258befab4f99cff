/** Key of an API in a revision's `documents`. */
export function documentKey({ tenant, name }: { readonly tenant: string; readonly name: string }): string {
  return `${tenant}/${name}`;
}
