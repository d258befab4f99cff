import { compilePatterns } from '../catalog/entry-pattern.js';
import type { PreparedDocument } from '../catalog/prepare-documents.js';
import type { LiveSettings } from '../config/configuration.schema.js';

/** Patterns of toolsets that name nothing now. No errors: a document may bring what they name tomorrow. */
export function toolsetNotices({ toolsets, servers }: Pick<LiveSettings, 'toolsets' | 'servers'>, documents: readonly Pick<PreparedDocument, 'api' | 'paths'>[]): readonly string[] {
  return toolsets.flatMap(({ name, tenant, include }) => {
    const paths = documents.filter(({ api }) => api.tenant === tenant).flatMap((document) => document.paths);
    // What a server has is known only to running replicas.
    const isOfServer = (pattern: string): boolean => servers.some((server) => server.tenant === tenant && pattern.startsWith(`${server.name}.`));
    return include.filter((pattern) => !isOfServer(pattern) && !paths.some(compilePatterns([pattern]))).map((pattern) => `toolset ${tenant}/${name}: the pattern "${pattern}" names no tool`);
  });
}
