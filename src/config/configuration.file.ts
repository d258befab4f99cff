import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeFailure } from '@gatehouse-mcp/oauth';
import { load, YAMLException } from 'js-yaml';
import type { z } from 'zod';
import { ConfigurationError, type ConfigurationProblem } from './configuration.error.js';
import { configurationSchema, type Configuration } from './configuration.schema.js';
import { applyEnvironment, type Environment } from './environment.js';
import { applyShortcuts, defaultsWithoutFile } from './shortcuts.js';

/** A configuration that was validated whole, and the folder that its `file:` references are relative to. */
export interface LoadedConfiguration {
  readonly settings: Configuration;
  readonly folder: string;
}

/**
 * Reads, overrides and validates `gatehouse.yaml`.
 * @param file undefined for a configuration that is made of environment variables alone
 * @throws ConfigurationError with every problem at once; no message holds a value of the file.
 */
export function loadConfiguration(file: string | undefined, environment: Environment): LoadedConfiguration {
  if (file === undefined) {
    const settings = validate(defaultsWithoutFile(applyShortcuts(applyEnvironment({}, environment), environment)), 'the environment');
    return deepFreeze({ settings, folder: process.cwd() });
  }
  const path = resolve(file);
  const settings = parseConfiguration(readText(path, file), file, environment);
  return deepFreeze({ settings, folder: dirname(path) });
}

export function parseConfiguration(text: string, source: string, environment: Environment = {}): Configuration {
  return validate(applyShortcuts(applyEnvironment(parseYaml(text, source), environment), environment), source);
}

function validate(settings: Record<string, unknown>, source: string): Configuration {
  const result = configurationSchema.safeParse(settings);
  if (result.success) return result.data;
  throw new ConfigurationError(source, result.error.issues.flatMap((issue) => describeIssue(issue)));
}

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(file, [{ path: '', message: `the file cannot be read (${describeFailure(error)})` }]);
  }
}

function parseYaml(text: string, source: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line, column } = error.mark ?? {};
    const place = line === undefined ? '' : ` at line ${line + 1}, column ${(column ?? 0) + 1}`;
    throw new ConfigurationError(source, [{ path: '', message: `not valid YAML${place}: ${error.reason}` }]);
  }
  if (document === undefined || document === null) throw new ConfigurationError(source, [{ path: '', message: 'the file is empty' }]);
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new ConfigurationError(source, [{ path: '', message: 'must be a mapping of settings at its root' }]);
  }
  return { ...document };
}

function describeIssue(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[] = []): ConfigurationProblem[] {
  const path = formatPath([...prefix, ...issue.path]);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'unknown key' }));
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.flatMap((inner) => describeIssue(inner, [...prefix, ...issue.path]));
  }
  if (issue.code === 'invalid_union') {
    // The alternative that got furthest is the one that was meant.
    const best = issue.errors.toSorted((a, b) => a.length - b.length)[0];
    if (best && best.length > 0) return best.flatMap((inner) => describeIssue(inner, [...prefix, ...issue.path]));
  }
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path, message: missing ? `is missing (expected ${issue.expected})` : issue.message }];
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
