import { NativeEntries, Prompt } from '../catalog/native/native.decorators.js';
import { Refused, type NativeCall } from '../catalog/native/native.definitions.js';
import { readProject } from './projects.entries.js';
import { words } from './workspace.inputs.js';
import { suggestTitles, theOne, uriOf } from './workspace.rows.js';
import { findWords } from './workspace.search.js';

/** Most documents of a prompt, and most characters of each. */
const MOST_DOCUMENTS = 5;
const MOST_CHARACTERS = 20_000;

@NativeEntries('workspace')
export class PromptEntries {
  @Prompt({
    name: 'plan_project',
    title: 'Plan a project',
    description: 'Plans the next steps of a project of yours.',
    arguments: [{ name: 'project', description: 'Title of the project.', required: true }],
    complete: { project: suggestTitles('projects') },
  })
  async planProject({ project: name = '' }: Readonly<Record<string, string>>, call: NativeCall) {
    const title = readWords(name);
    const project = await call.database(async (query) => {
      const { id } = theOne(await query('SELECT id FROM workspace_projects WHERE lower(title) = lower($1) ORDER BY updated_at DESC, id LIMIT 1', [title]), 'projects');
      return theOne(await readProject(query, String(id)), 'projects');
    });
    return [
      say('Plan this project of mine. Say which todos come first and why, which are missing, and which dates cannot hold. Ask before you add or change any: workspace_add_todo and workspace_update_todo do it.'),
      { role: 'user', content: { type: 'resource', resource: { uri: project['uri'], mimeType: 'application/json', text: JSON.stringify(project) } } },
    ];
  }

  @Prompt({
    name: 'summarise_documents',
    title: 'Sum up documents',
    description: 'Sums up what your documents say about something.',
    arguments: [{ name: 'query', description: 'Words that the documents have.', required: true }],
    complete: { query: suggestTitles('documents') },
  })
  async summariseDocuments({ query: asked = '' }: Readonly<Record<string, string>>, call: NativeCall) {
    const wanted = readWords(asked);
    const documents = await call.database(async (query) => {
      const found = await findWords(query, { words: wanted, kinds: ['documents'], limit: MOST_DOCUMENTS, offset: 0 });
      const ids = found.slice(0, MOST_DOCUMENTS).map(({ id }) => id);
      return query('SELECT id, title, left(text, $2) AS text, length(text) > $2 AS cut FROM workspace_documents WHERE id = ANY ($1::uuid[]) ORDER BY array_position($1::uuid[], id)', [ids, MOST_CHARACTERS]);
    });
    if (documents.length === 0) throw new Refused('no document of yours has these words');
    return [
      say(`Sum up in ten sentences at most what these documents of mine say about "${wanted}". Name the document behind each statement, and what they disagree about.`),
      ...documents.map(({ id, title, text, cut }) => ({
        role: 'user',
        content: { type: 'resource', resource: { uri: uriOf('documents', id), mimeType: 'text/markdown', text: `# ${String(title)}\n\n${String(text)}${cut === true ? '\n\n(cut here)' : ''}` } },
      })),
    ];
  }
}

const say = (text: string) => ({ role: 'user', content: { type: 'text', text } });

/** @throws Refused for what no title or text can have in it */
function readWords(value: string): string {
  const { success, data, error } = words.safeParse(value);
  if (!success) throw new Refused(error.issues.map(({ message }) => message).join('; '));
  return data;
}
