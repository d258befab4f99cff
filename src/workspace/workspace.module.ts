import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import { SecretReader } from '../config/secret-reference.js';
import type { WorkspaceSettings } from '../config/workspace.schema.js';
import { AttachmentEntries } from './attachments.entries.js';
import { DocumentEntries } from './documents.entries.js';
import { EmbeddingsClient } from './embeddings.client.js';
import { ProjectEntries } from './projects.entries.js';
import { PromptEntries } from './prompts.entries.js';
import { SearchEntries } from './search.entries.js';
import { SimilarEntries } from './similar.entries.js';
import { TodoEntries } from './todos.entries.js';
import { WORKSPACE, WorkspaceRows } from './workspace.rows.js';

/** Projects, todos and documents of each user, where the configuration has `workspace`. */
@Module({})
export class WorkspaceModule {
  static forSettings(settings: WorkspaceSettings): DynamicModule {
    return {
      module: WorkspaceModule,
      providers: [{ provide: WORKSPACE, useValue: settings }, WorkspaceRows, ProjectEntries, TodoEntries, DocumentEntries, AttachmentEntries, SearchEntries, PromptEntries, ...similarSearch(settings)],
    };
  }
}

/** Without an endpoint nobody can search by meaning, and nobody is offered it. */
function similarSearch({ embeddings }: WorkspaceSettings): readonly Provider[] {
  if (!embeddings) return [];
  const client = { provide: EmbeddingsClient, inject: [LiveConfiguration, SecretReader], useFactory: (live: LiveConfiguration, secrets: SecretReader) => new EmbeddingsClient(live, secrets, embeddings) };
  return [client, SimilarEntries];
}
