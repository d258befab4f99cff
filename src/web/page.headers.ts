/**
 * Of every answer of the pages. `form-action` holds for the redirects after a form too, wherever these lead, so no form of ours is
 * answered with a redirect to somewhere else. With `no-referrer` a form's Origin would be `null`.
 */
export const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;
