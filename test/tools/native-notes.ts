import { Module } from '@nestjs/common';
import { z } from 'zod';
import { NativeEntries, Prompt, Resource, Tool } from '../../src/catalog/native/native.decorators.js';
import { ResourceChanges } from '../../src/database/resource.changes.js';
import { InputNeeded, type NativeCall } from '../../src/catalog/native/native.definitions.js';

const confirm = { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } } } as const;

/** Entries of a team's own: each answers with what it was given. */
@NativeEntries('notes')
export class Notes {
  calls = 0;

  constructor(private readonly changes: ResourceChanges) {}

  @Tool({ name: 'add', title: 'Add a note', description: 'Keeps a note.', input: z.strictObject({ text: z.string().min(1), count: z.number().int().optional() }), scopes: ['items:write'], annotations: { destructiveHint: false } })
  add({ text }: { readonly text: string }, { caller, tenant }: NativeCall) {
    this.calls += 1;
    return { text, by: caller.subject, tenant: tenant.name };
  }

  @Tool({ name: 'fails', description: 'Fails with a secret.' })
  fails() {
    throw new Error('password=hunter2');
  }

  @Tool({ name: 'garbage', description: 'Brings nothing.' })
  garbage() {
    return [1, 2];
  }

  @Tool({ name: 'large', description: 'Brings too much.' })
  large() {
    return 'x'.repeat(5_000_000);
  }

  @Tool({ name: 'waits', description: 'Waits for its signal.' })
  async waits(_: unknown, { signal }: NativeCall) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return 'late';
  }

  @Tool({ name: 'delete_all', description: 'Asks before it does.' })
  deleteAll(_: unknown, { inputs, state }: NativeCall) {
    return inputs['confirm'] !== undefined && state !== undefined ? `deleted ${String(state)}` : new InputNeeded({ confirm }, 'all of them');
  }

  @Resource({ name: 'note', description: 'A note by its id.', uri: 'notes://{id}', mimeType: 'text/plain', complete: { id: (value, { caller }) => [`${value}-of-${caller.subject}`] } })
  note({ id }: { readonly id: string }, { caller }: NativeCall) {
    return `${id} of ${caller.subject}`;
  }

  @Resource({ name: 'secret', description: 'Needs a scope.', uri: 'notes:secret', scopes: ['items:write'] })
  secret() {
    return 'the secret';
  }

  @Tool({ name: 'touch', description: 'Says that a note has changed, to its owner alone or to everybody.', input: z.strictObject({ id: z.string(), own: z.boolean() }) })
  async touch({ id, own }: { readonly id: string; readonly own: boolean }, { tenant, caller }: NativeCall) {
    await this.changes.announce({ tenant: tenant.id, uri: `notes://${id}`, ...(own ? { owner: caller } : {}) });
    return 'said';
  }

  @Resource({ name: 'scan', description: 'Bytes.', uri: 'notes:scan/{bytes}', mimeType: 'application/octet-stream' })
  scan({ bytes }: { readonly bytes: string }) {
    return Buffer.alloc(Number(bytes), 0xff);
  }

  @Prompt({ name: 'plan', description: 'Plans a day.', arguments: [{ name: 'day', required: true }] })
  plan({ day }: { readonly day: string }) {
    return `Plan ${day}.`;
  }
}

@Module({ providers: [Notes] })
export class NotesModule {}
