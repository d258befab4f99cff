import { Controller, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.js';
import '../context/request.js';
import { Connections } from '../credentials/vault/connections.js';
import { sendPage, sendTo } from './answer.js';
import { ConnectionChanges } from './connection.changes.js';
import { findConnection } from './find-connection.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageGuard } from './page.guard.js';
import { renderContinue } from './pages/connection.page.js';
import { donePath } from './pages/connections.page.js';
import { toReader } from './reader.js';
import { Submissions } from './submissions.js';

/** What the forms of a connection do. */
@Public()
@UseGuards(PageGuard)
@UseFilters(PageErrorFilter)
@Controller('connections/to/:name')
export class ConnectionController {
  constructor(
    private readonly submissions: Submissions,
    private readonly connections: Connections,
    private readonly changes: ConnectionChanges,
  ) {}

  @Post('connect')
  async connect(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const visit = await this.submissions.read(request);
    const { title } = await findConnection(this.connections, visit.visitor, name);
    const next = await this.connections.begin(visit.visitor, name, visit.session.id, request.publicUrl);
    sendPage(reply, renderContinue(toReader(visit), title, next));
  }

  @Post('secret')
  async saveSecret(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const { visitor, form } = await this.submissions.read(request);
    await findConnection(this.connections, visitor, name);
    await this.changes.saveSecret(visitor, name, { username: form.get('username') ?? undefined, secret: form.get('secret') ?? '' });
    sendTo(reply, donePath('saved', name));
  }

  @Post('disconnect')
  async disconnect(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const { visitor } = await this.submissions.read(request);
    const { type } = await findConnection(this.connections, visitor, name);
    const isConfirmed = await this.changes.disconnect(visitor, name);
    sendTo(reply, donePath(type === 'secret' ? 'removed' : isConfirmed === true ? 'disconnected' : 'forgotten', name));
  }
}
