const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** What a message that nobody looked at asked for: the tool of a tools/call, the one behind `call_tool`; otherwise nothing worth a record of its own. */
export function namedTool(body: unknown): string {
  const params = member(body, 'params');
  const name = member(params, 'name');
  const tool = name === 'call_tool' ? member(member(params, 'arguments'), 'name') : name;
  return typeof tool === 'string' && TOOL_NAME.test(tool) ? tool : '';
}

const member = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
