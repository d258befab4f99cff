import { type DynamicModule, Module } from '@nestjs/common';
import type { WorkspaceSettings } from '../config/workspace.schema.js';
import { AttachmentEntries } from './attachments.entries.js';
import { DocumentEntries } from './documents.entries.js';
import { ProjectEntries } from './projects.entries.js';
import { PromptEntries } from './prompts.entries.js';
import { SearchEntries } from './search.entries.js';
import { TodoEntries } from './todos.entries.js';
import { WORKSPACE, WorkspaceRows } from './workspace.rows.js';

/** Projects, todos and documents of each user, where the configuration has `workspace`. */
@Module({})
export class WorkspaceModule {
  static forSettings(settings: WorkspaceSettings): DynamicModule {
    return {
      module: WorkspaceModule,
      providers: [{ provide: WORKSPACE, useValue: settings }, WorkspaceRows, ProjectEntries, TodoEntries, DocumentEntries, AttachmentEntries, SearchEntries, PromptEntries],
    };
  }
}
