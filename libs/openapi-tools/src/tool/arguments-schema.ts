import { put, type JsonDraft, type JsonObject } from '../json.js';
import type { WrittenSchema } from '../schema/written-schema.js';

/** A member of an object of arguments; its name is a key as argument-keys.ts makes them. */
export interface ArgumentMember {
  readonly member: string;
  readonly schema: JsonObject;
  readonly required: boolean;
}

/** The schema of an object with these arguments, and with further ones of `additional`; made when it is asked for, as a list of tools needs only its JSON. */
export class ArgumentsSchema {
  #schema: JsonObject | undefined;

  constructor(
    readonly members: readonly ArgumentMember[],
    readonly additional: boolean | JsonObject,
  ) {}

  get schema(): JsonObject {
    this.#schema ??= this.rewritten((part) => part);
    return this.#schema;
  }

  /** With each argument replaced. */
  rewritten(replace: (part: JsonObject) => JsonObject): JsonObject {
    const properties: JsonDraft = {};
    for (const { member, schema } of this.members) put(properties, member, replace(schema));
    const required = this.members.filter((argument) => argument.required).map(({ member }) => member);
    const additionalProperties = typeof this.additional === 'boolean' ? this.additional : replace(this.additional);
    return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties };
  }
}

const none: ReadonlySet<string> = new Set();

/** The same, its arguments as `write` writes them: the JSON is put together from theirs. */
export class WrittenArguments implements WrittenSchema {
  readonly json: string;
  readonly bytes: number;
  #uses: Set<string> | undefined;
  readonly #whole: ArgumentsSchema;
  readonly #write: (part: JsonObject) => WrittenSchema;

  constructor(whole: ArgumentsSchema, write: (part: JsonObject) => WrittenSchema) {
    this.#whole = whole;
    this.#write = write;
    let properties = '';
    let required = '';
    // Keys are ASCII; parts may have more bytes than characters.
    let surplus = 0;
    for (const { member, schema } of inOrderOfMembers(whole.members)) {
      const { json, bytes } = this.#use(schema);
      properties += `${properties === '' ? '' : ','}"${member}":${json}`;
      surplus += bytes - json.length;
    }
    for (const argument of whole.members) if (argument.required) required += `${required === '' ? ',"required":[' : ','}"${argument.member}"`;
    let additional = String(whole.additional);
    if (typeof whole.additional !== 'boolean') {
      const { json, bytes } = this.#use(whole.additional);
      additional = json;
      surplus += bytes - json.length;
    }
    this.json = `{"type":"object","properties":{${properties}}${required === '' ? '' : `${required}]`},"additionalProperties":${additional}}`;
    this.bytes = this.json.length + surplus;
  }

  get uses(): ReadonlySet<string> {
    return this.#uses ?? none;
  }

  get schema(): JsonObject {
    return this.#whole.rewritten((part) => this.#write(part).schema);
  }

  #use(part: JsonObject): WrittenSchema {
    const written = this.#write(part);
    if (written.uses.size > 0) {
      this.#uses ??= new Set();
      for (const name of written.uses) this.#uses.add(name);
    }
    return written;
  }
}

/** As JSON.stringify orders the members of an object: names that are array indices come first. */
function inOrderOfMembers(members: readonly ArgumentMember[]): readonly ArgumentMember[] {
  if (!members.some(({ member }) => isIndex(member))) return members;
  const indices = members.filter(({ member }) => isIndex(member)).sort((a, b) => Number(a.member) - Number(b.member));
  return [...indices, ...members.filter(({ member }) => !isIndex(member))];
}

/** An array index of ECMA-262: up to 2³² − 2. What begins with a digit comes before ':', and few names do. */
const isIndex = (name: string): boolean => name < ':' && /^(0|[1-9]\d{0,9})$/.test(name) && Number(name) < 4_294_967_295;
