import { STATUS_CODES } from 'node:http';
import { isObject, own, type JsonObject, type JsonValue } from '../json.js';
import { cutText } from './cut-text.js';
import { textBlock, type ToolResult } from './tool-result.js';

/** Most characters of an error's body that a model is shown. */
const maxErrorText = 20_000;
/** Most characters of each member of problem details. */
const maxMember = 1_000;

/** `404 Not Found` */
export function statusLine(status: number): string {
  const reason = STATUS_CODES[status];
  return reason === undefined ? String(status) : `${status} ${reason}`;
}

/** An answer of status 400 or above: status first, then problem details (RFC 9457), then the body as it came, at most `maxText` characters of it. */
export function shapeError(status: number, body: string, json: JsonValue | undefined, maxText: number = maxErrorText): ToolResult {
  const summary = isObject(json) ? summarise(json) : '';
  const head = `HTTP ${statusLine(status)}${summary === '' ? '' : `: ${summary}`}`;
  return { content: [textBlock(body === '' ? head : `${head}\n${cutText(body, Math.min(maxText, maxErrorText)).text}`)], isError: true };
}

/** `title — detail (type, instance)` */
function summarise(problem: JsonObject): string {
  const members = (names: readonly string[], separator: string): string =>
    names
      .map((name) => own(problem, name))
      .filter((value) => typeof value === 'string')
      .filter((value) => value !== '' && value !== 'about:blank')
      .map((value) => cutText(value, maxMember).text)
      .join(separator);
  const head = members(['title', 'detail'], ' — ');
  const links = members(['type', 'instance'], ', ');
  return head === '' || links === '' ? head : `${head} (${links})`;
}
