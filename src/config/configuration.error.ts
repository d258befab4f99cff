/** One thing that is wrong in the configuration: where, and what was expected there. Never a value. */
export interface ConfigurationProblem {
  /** Dotted path of the setting, such as `apis[0].baseUrl`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The configuration is refused whole; `problems` has all of them at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly ConfigurationProblem[];

  constructor(source: string, problems: readonly ConfigurationProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`);
    super(`${source} is refused:\n${lines.join('\n')}`);
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}
