import { compilePatterns } from '../catalog/entry-pattern.js';
import type { PreparedDocument } from '../catalog/prepare-documents.js';
import type { LiveSettings } from '../config/configuration.schema.js';

/** Patterns of toolsets that name nothing now. No errors: a document may bring what they name tomorrow. */
export function toolsetNotices({ toolsets }: Pick<LiveSettings, 'toolsets'>, documents: readonly Pick<PreparedDocument, 'api' | 'paths'>[]): readonly string[] {
  return toolsets.flatMap(({ name, tenant, include }) => {
    const paths = documents.filter(({ api }) => api.tenant === tenant).flatMap((document) => document.paths);
    return include.filter((pattern) => !paths.some(compilePatterns([pattern]))).map((pattern) => `toolset ${tenant}/${name}: the pattern "${pattern}" names no tool`);
  });
}
