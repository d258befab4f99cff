import { findExcess, parseArguments, writeJson, type AnswerLink, type JsonObject, type JsonValue } from '@gatehouse-mcp/openapi-tools';

/** The answer of a tool to these arguments, whoever reads it. */
export interface AnswerOf {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** In the modern era it is a header field too. */
const LONGEST = 4_096;
const SHAPE = /^gatehouse:\/\/answers\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_-]+)$/;

/** @returns undefined for arguments that are too long for an address */
export function writeAnswerUri({ tool, arguments: args }: AnswerOf): string | undefined {
  const uri = `gatehouse://answers/${tool}/${Buffer.from(writeJson(args)).toString('base64url')}`;
  return uri.length > LONGEST ? undefined : uri;
}

/** @returns the link to it; undefined where it can have no address */
export function linkToAnswer(answer: AnswerOf): AnswerLink | undefined {
  const uri = writeAnswerUri(answer);
  return uri === undefined ? undefined : { uri, name: answer.tool };
}

/** @returns undefined for all that {@link writeAnswerUri} does not write, other spellings of the same included */
export function readAnswerUri(uri: string): AnswerOf | undefined {
  if (uri.length > LONGEST) return undefined;
  const [, tool, encoded] = SHAPE.exec(uri) ?? [];
  if (tool === undefined || encoded === undefined) return undefined;
  const args = parse(Buffer.from(encoded, 'base64url').toString());
  if (args === undefined) return undefined;
  const answer = { tool, arguments: args };
  return writeAnswerUri(answer) === uri ? answer : undefined;
}

function parse(text: string): JsonObject | undefined {
  if (findExcess(text) !== undefined) return undefined;
  try {
    const value = parseArguments(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
