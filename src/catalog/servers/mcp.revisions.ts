/** Revisions that are spoken to other servers: the modern one, and the legacy ones that negotiate with `initialize`. */
export const MODERN = '2026-07-28';
export const LEGACY: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** How Gatehouse names itself to them. */
export const CLIENT_INFO = { name: 'gatehouse', title: 'Gatehouse', version: '0.1.0' } as const;

/** Opens a legacy session; nothing is declared, so a server has nothing to ask for. */
export const INITIALIZE = { protocolVersion: LEGACY[0] ?? '', capabilities: {}, clientInfo: CLIENT_INFO } as const;
