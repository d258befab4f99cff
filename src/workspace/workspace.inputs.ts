import { pathValueProblem } from '@gatehouse-mcp/openapi-tools';
import { z } from 'zod';

/** Control characters, halves of characters, characters that nobody sees, and marks that change the direction of what stands around them. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/u;
/** PostgreSQL holds no NUL, and UTF-8 no half of a character. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const SEPARATORS = /[/\\:]/;
/** RFC 6838 §4.2, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;

const MOST_ROWS = 100;

/** One line that people read. */
export const title = z
  .string()
  .min(1)
  .max(200)
  .refine((value) => !UNSEEN.test(value), 'has control characters or direction marks in it')
  .refine((value) => value.trim() !== '', 'is empty');

export const text = (longest: number) => z.string().max(longest).refine((value) => !UNSTORABLE.test(value), 'has NUL or half a character in it');

export const id = z.uuid();

export const words = text(200).min(1);

/** A name that is no path, on whatever system it is saved. */
export const fileName = title.refine((value) => !SEPARATORS.test(value) && pathValueProblem(value) === undefined, 'is a path: give a name without "/", "\\", ":" and ".."');

export const mediaType = z.string().toLowerCase().regex(MEDIA_TYPE, 'must be a media type, such as image/png');

/** Which part of a list. */
export const page = { limit: z.int().min(1).max(MOST_ROWS).default(50), offset: z.int().min(0).max(100_000).default(0) };

interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** @param rows one more than the page holds, where there are more */
export const toPage = <Row>(rows: readonly Row[], { limit, offset }: Page) => ({ items: rows.slice(0, limit), ...(rows.length > limit ? { nextOffset: offset + limit } : {}) });
