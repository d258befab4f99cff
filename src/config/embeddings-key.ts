import type { Secret } from '@gatehouse-mcp/oauth';
import type { SecretReader } from './secret-reference.js';
import type { EmbeddingsSettings } from './workspace.schema.js';

/** @throws ConfigurationError when there should be a key and is none */
export const readEmbeddingsKey = (settings: EmbeddingsSettings | undefined, reader: SecretReader): Secret | undefined =>
  settings?.apiKey === undefined ? undefined : reader.read(settings.apiKey, 'workspace.embeddings.apiKey');
