import { html, type Html } from '../html.js';
import { STYLE_PATH } from './style.js';

/** Who reads a page, and the token that makes its forms theirs. */
export interface Reader {
  readonly name: string;
  readonly tenant: string;
  readonly csrf: string;
}

export interface PageContent {
  readonly title: string;
  /** Undefined for somebody who is not signed in. */
  readonly reader?: Reader | undefined;
  /** Where the browser goes on to by itself; the page has a link to it as well. */
  readonly next?: URL;
  readonly body: Html;
}

/** What all pages share. */
export function renderPage({ title, reader, next, body }: PageContent): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${next && html`<meta http-equiv="refresh" content="0; url=${next.href}">`}
<title>${title} · Gatehouse</title>
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<header><a class="brand" href="/connections">Gatehouse</a>${reader && renderReader(reader)}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

/** A form of ours; what it does stands on its button. */
export function renderForm(action: string, { csrf }: Reader, content: Html): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="csrf" value="${csrf}">${content}</form>`;
}

function renderReader(reader: Reader): Html {
  return html`<div class="reader"><span>${reader.name} <small>${reader.tenant}</small></span>${renderForm('/connections/sign-out', reader, html`<button class="plain">Sign out</button>`)}</div>`;
}
