import { describeProblems } from '../arguments/validation-message.js';
import { writeJson, type JsonObject, type JsonValue } from '../json.js';
import { CheckTooLongError, type SchemaChecker } from '../schema/schema-checker.js';

/** What is wrong with a value that is to stand for an argument when a call leaves it out, as a sentence; undefined when nothing is. */
export function misfitOf(checker: SchemaChecker, key: string, schema: JsonObject, value: JsonValue): string | undefined {
  const whole: JsonObject = { type: 'object', properties: { [key]: schema } };
  const args = { [key]: value };
  try {
    const problems = checker.problemsOf(whole, args);
    return problems.length === 0 ? undefined : describeProblems(problems, args);
  } catch (error) {
    if (!(error instanceof CheckTooLongError)) throw error;
    return `The value ${writeJson(value).slice(0, 80)} takes too long to check.`;
  }
}
