import { SetMetadata } from '@nestjs/common';
import type { NativeDefinition, PromptDefinition, ResourceDefinition, ToolDefinition } from './native.definitions.js';

export const NATIVE_GROUP = 'gatehouse:native-group';
export const NATIVE_ENTRY = 'gatehouse:native-entry';

/**
 * A provider whose decorated methods are entries of every tenant: `@Tool`, `@Resource` and `@Prompt`.
 * @param group stands before the names of its entries, as an API's name does
 */
export const NativeEntries = (group: string): ClassDecorator => SetMetadata(NATIVE_GROUP, group);

/** `(input, call) => result`: a text, an object as `structuredContent`, `{ content, isError }`, or `InputNeeded`. */
export const Tool = (definition: ToolDefinition): MethodDecorator => define({ kind: 'tool', ...definition });

/** `(variables, call) => contents`: a text, bytes, or a list of MCP's contents. */
export const Resource = (definition: ResourceDefinition): MethodDecorator => define({ kind: 'resource', ...definition });

/** `(arguments, call) => messages`: a text of the user's, a list of MCP's messages, or `InputNeeded`. */
export const Prompt = (definition: PromptDefinition): MethodDecorator => define({ kind: 'prompt', ...definition });

const define = (definition: NativeDefinition): MethodDecorator => SetMetadata(NATIVE_ENTRY, definition);
