import type { AuditReader } from './audit.reader.js';
import { tellAlice } from './alice.chapter.js';
import { tellAudience } from './audience.chapter.js';
import { tellAudit } from './audit.chapter.js';
import { tellBob } from './bob.chapter.js';
import { tellCarol } from './carol.chapter.js';
import type { Narrator } from './narrator.js';

export interface Stage {
  readonly mcpUrl: URL;
  readonly issuer: string;
  readonly narrator: Narrator;
  readonly auditReader: AuditReader;
}

/** The demo's story: each chapter makes real calls and checks what came of them. */
export async function tellStory(stage: Stage): Promise<void> {
  const startedAt = new Date();
  await tellAlice(stage);
  await tellBob(stage);
  await tellCarol(stage);
  await tellAudience(stage);
  await tellAudit(stage, startedAt);
}
