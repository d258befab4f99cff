import { z } from 'zod';
import { NativeEntries, Resource, Tool } from '../catalog/native/native.decorators.js';
import { Refused, type NativeCall } from '../catalog/native/native.definitions.js';
import { decodeBase64, judgeMediaType, toContent } from './attachment.content.js';
import { fileName, id, mediaType } from './workspace.inputs.js';
import { assertOwn, readId, resourceRow, suggestIds, theOne, uriOf, WorkspaceRows, type Row } from './workspace.rows.js';

const COLUMNS = 'id, document, name, media_type AS "mediaType", size';
/** Largest attachment, in bytes. */
const LARGEST = 10 * 1024 * 1024;
/** Largest part of one in a call: a message has 4 MB at most, and base64 makes four characters of three bytes. */
const LARGEST_PART = 2_500_000;

const data = z.base64().max((LARGEST_PART / 3) * 4 + 4);
const attachment = z.strictObject({ document: id, name: fileName, mediaType, data });
const part = z.strictObject({ attachment: id, offset: z.int().min(1).max(LARGEST), data });
const reading = z.strictObject({ attachment: id, offset: z.int().min(0).max(LARGEST).default(0) });
const one = z.strictObject({ attachment: id });

@NativeEntries('workspace')
export class AttachmentEntries {
  constructor(private readonly rows: WorkspaceRows) {}

  @Tool({
    name: 'attach',
    title: 'Attach a file',
    description: `Attaches a file to a document of yours: its bytes as base64, ${LARGEST_PART} bytes at most. What is larger, up to ${LARGEST} bytes, goes on with continue_attachment.`,
    input: attachment,
    annotations: { destructiveHint: false },
  })
  async attach({ document, name, ...input }: z.output<typeof attachment>, call: NativeCall) {
    const content = readPart(input.data);
    const [attached = {}] = await this.rows.write(call, async (query) => {
      await assertOwn(query, 'documents', document);
      return query(`INSERT INTO workspace_attachments (document, name, media_type, content) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`, [document, name, input.mediaType, content]);
    });
    return withUri(attached);
  }

  @Tool({
    name: 'continue_attachment',
    title: 'Go on attaching a file',
    description: `Puts further bytes, ${LARGEST_PART} at most, behind those of an attachment of yours. offset is the size that it has by now.`,
    input: part,
    annotations: { destructiveHint: false },
  })
  async continue({ attachment: wanted, offset, data: more }: z.output<typeof part>, call: NativeCall) {
    const content = readPart(more);
    if (offset + content.length > LARGEST) throw new Refused(`an attachment has ${LARGEST} bytes at most`);
    const attached = await this.rows.write(call, async (query) => {
      const { size } = theOne(await query('SELECT size FROM workspace_attachments WHERE id = $1 FOR UPDATE', [wanted]), 'attachments');
      if (size !== offset) throw new Refused(`the attachment has ${String(size)} bytes by now: go on with offset ${String(size)}`);
      return theOne(await query(`WITH changed AS (UPDATE workspace_attachments SET content = content || $2, updated_at = now() WHERE id = $1 RETURNING *) SELECT ${COLUMNS} FROM changed`, [wanted, content]), 'attachments');
    });
    await this.rows.announce(call, uriOf('attachments', wanted));
    return withUri(attached);
  }

  @Tool({
    name: 'read_attachment',
    title: 'Read an attachment',
    description: `The bytes of an attachment of yours: an image, a sound, or a blob. Of one with more than ${LARGEST_PART} bytes these, from offset on.`,
    input: reading,
    annotations: { readOnlyHint: true },
  })
  async read({ attachment: wanted, offset }: z.output<typeof reading>, call: NativeCall) {
    const rows = await call.database((query) => query(`SELECT ${COLUMNS}, substring(content FROM $2::integer + 1 FOR ${LARGEST_PART}) AS content FROM workspace_attachments WHERE id = $1`, [wanted, offset]));
    const found = theOne(rows, 'attachments');
    const { name, size } = found;
    const content = bytesOf(found);
    const end = offset + content.length;
    if (content.length === 0) throw new Refused(`the attachment has ${String(size)} bytes`);
    const uri = uriOf('attachments', wanted);
    const isWhole = content.length === size;
    const rest = end === size ? '' : `; go on with offset ${end}`;
    const text = isWhole ? `${String(name)}, ${end} bytes` : `${String(name)}, bytes ${offset} to ${end - 1} of ${String(size)}${rest}`;
    // A part is no image.
    return { content: [{ type: 'text', text }, toContent(uri, isWhole ? String(found['mediaType']) : 'application/octet-stream', content)] };
  }

  @Tool({ name: 'delete_attachment', title: 'Delete an attachment', description: 'Deletes an attachment of yours.', input: one, annotations: { destructiveHint: true } })
  async delete({ attachment: wanted }: z.output<typeof one>, call: NativeCall) {
    const rows = await call.database((query) => query('WITH gone AS (DELETE FROM workspace_attachments WHERE id = $1 RETURNING name) SELECT name FROM gone', [wanted]));
    const { name } = theOne(rows, 'attachments');
    await this.rows.announce(call, uriOf('attachments', wanted));
    return `Deleted the attachment "${String(name)}".`;
  }

  @Resource({ name: 'attachment', description: 'The bytes of an attachment of yours, all of them.', uri: 'workspace://attachments/{id}', complete: { id: suggestIds('attachments') } })
  async resource(variables: Readonly<Record<string, string>>, call: NativeCall) {
    const wanted = readId(variables['id']);
    const found = resourceRow(await call.database((query) => query('SELECT media_type AS "mediaType", content FROM workspace_attachments WHERE id = $1', [wanted])));
    const content = bytesOf(found);
    return [{ uri: uriOf('attachments', wanted), mimeType: judgeMediaType(String(found['mediaType']), content), blob: content.toString('base64') }];
  }
}

function readPart(base64: string): Buffer {
  const bytes = decodeBase64(base64);
  if (bytes.length > LARGEST_PART) throw new Refused(`data has more than ${LARGEST_PART} bytes`);
  return bytes;
}

const withUri = (attached: Row) => ({ ...attached, uri: uriOf('attachments', attached['id']) });

/** pg reads bytea as a buffer. */
const bytesOf = ({ content }: Row): Buffer => (Buffer.isBuffer(content) ? content : Buffer.alloc(0));
