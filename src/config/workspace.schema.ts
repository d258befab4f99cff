import { z } from 'zod';
import { duration, httpUrl, secretReference } from './configuration.values.js';

/** An endpoint that turns texts into vectors, in the manner of OpenAI's `POST /embeddings`. */
const embeddingsSchema = z.strictObject({
  /** The endpoint itself. */
  url: httpUrl,
  model: z.string().min(1).max(200),
  apiKey: secretReference.optional(),
  /** As many as pgvector holds. */
  dimensions: z.int().min(1).max(16_000).optional(),
  /** So many of a document's first characters are sent: what a model takes is bounded. */
  characters: z.int().min(100).max(100_000).default(4_000),
  timeout: duration.default(10_000),
});

/** Projects, todos and documents of each user. */
export const workspaceSchema = z.strictObject({
  /** Most megabytes (2^20 bytes) of all that one user keeps. */
  megabytesPerUser: z.int().min(1).max(100_000).default(100),
  embeddings: embeddingsSchema.optional(),
});

export type WorkspaceSettings = z.output<typeof workspaceSchema>;
export type EmbeddingsSettings = z.output<typeof embeddingsSchema>;
