/** Markup of our own, as opposed to text, which is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand between markup; nothing comes of undefined and false. */
export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

/** A template whose parts are text unless they are `Html`. Attributes stand in quotes, always. */
export function html(markup: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(markup.reduce((text, piece, index) => text + render(parts[index - 1]) + piece));
}

function render(part: HtmlPart): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return String(part).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
