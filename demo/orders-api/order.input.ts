import { type Item, type Order, type Status, statuses } from './order.js';
import { Problem } from './problem.js';
import type { UploadedFile, UploadedForm } from './request-body.js';

type Fields = Readonly<Record<string, unknown>>;

/** Parses request bodies and queries; what does not fit the OpenAPI document is a 422. */
export function parseNewOrder(body: unknown): Pick<Order, 'customer' | 'items' | 'note'> {
  const fields = parseFields(body, ['customer', 'items', 'note']);
  const { items } = fields;
  if (!Array.isArray(items) || items.length === 0 || items.length > 50) throw new Problem(422, 'items must hold 1 to 50 items.');
  return { customer: parseText(fields, 'customer', 1, 100), items: items.map(parseItem), ...parseNote(fields) };
}

export function parseOrderChange(body: unknown): Partial<Pick<Order, 'customer' | 'note' | 'status'>> {
  const fields = parseFields(body, ['customer', 'note', 'status']);
  if (Object.keys(fields).length === 0) throw new Problem(422, 'Nothing to change.');
  const { status } = fields;
  if (status !== undefined && (!isStatus(status) || status === 'cancelled')) throw new Problem(422, 'status must be open, paid or shipped.');
  return {
    ...(fields['customer'] === undefined ? {} : { customer: parseText(fields, 'customer', 1, 100) }),
    ...parseNote(fields),
    ...(status === undefined ? {} : { status }),
  };
}

export function parseAttachment(body: unknown): { readonly file: UploadedFile; readonly note: string | undefined } {
  if (!isForm(body)) throw new Problem(415, 'multipart/form-data is required.');
  const file = body.files.get('file');
  if (!file || file.bytes.length === 0) throw new Problem(422, 'file must be a file that is not empty.');
  const note = body.texts.get('note');
  if (note !== undefined && note.length > 500) throw new Problem(422, 'note has at most 500 characters.');
  return { file, note };
}

function isForm(body: unknown): body is UploadedForm {
  return typeof body === 'object' && body !== null && 'files' in body && body.files instanceof Map;
}

export function parseItem(value: unknown): Item {
  const fields = parseFields(value, ['sku', 'quantity', 'unitPrice']);
  return {
    sku: parseText(fields, 'sku', 1, 40),
    quantity: parseInteger(fields['quantity'], 'quantity', 1, 1000),
    unitPrice: parseInteger(fields['unitPrice'], 'unitPrice', 0, 100_000_000),
  };
}

export function parseLimit(text: string | null): number {
  return text === null ? 5 : parseInteger(/^\d+$/.test(text) ? Number(text) : undefined, 'limit', 1, 50);
}

export function parseStatuses(values: readonly string[]): readonly Status[] {
  return values.map((value) => {
    if (!isStatus(value)) throw new Problem(422, `status must be one of ${statuses.join(', ')}.`);
    return value;
  });
}

/** A cursor is the id of the last order of the page before, opaque to the client. */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString();
}

function parseFields(value: unknown, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Problem(422, 'A JSON object is required.');
  const unknownField = Object.keys(value).find((key) => !known.includes(key));
  if (unknownField !== undefined) throw new Problem(422, `Unknown field ${JSON.stringify(unknownField)}.`);
  return { ...value };
}

function parseText(fields: Fields, name: string, min: number, max: number): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length < min || value.length > max) throw new Problem(422, `${name} must be a text of ${min} to ${max} characters.`);
  return value;
}

function parseNote(fields: Fields): { note?: string } {
  return fields['note'] === undefined ? {} : { note: parseText(fields, 'note', 0, 500) };
}

function parseInteger(value: unknown, name: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw new Problem(422, `${name} must be an integer from ${min} to ${max}.`);
  return value;
}

function isStatus(value: unknown): value is Status {
  return statuses.some((status) => status === value);
}
