/** The frame that all pages share, without scripts: each works in any browser, and in a terminal one. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · demo authorization server</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 26rem; margin: 12vh auto; padding: 0 1rem }
  h1 { font-size: 1.4rem }
  label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit }
  label { margin-top: .8rem }
  input, button { padding: .5rem .7rem; border: 1px solid #8886; border-radius: .4rem }
  button { margin-top: 1rem; background: #2456c8; color: #fff; cursor: pointer }
  button.plain { background: none; color: inherit }
  .code { font-size: 1.4rem; letter-spacing: .1em }
  .problem { color: #c22 }
  .note { opacity: .75; font-size: .9rem }
</style></head>
<body><h1>${escapeHtml(title)}</h1>${body}</body></html>
`;
}

/** No `form-action` here: browsers apply it to the redirects after the form too, and those lead to the client. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
