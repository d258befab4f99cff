import { Controller, Get, Header, Param, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.js';
import { Connections } from '../credentials/vault/connections.js';
import { sendPage, sendTo } from './answer.js';
import { ConnectionChanges } from './connection.changes.js';
import { readDestination, readQuery } from './destination.js';
import { findConnection } from './find-connection.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageGuard } from './page.guard.js';
import { donePath, renderConnections } from './pages/connections.page.js';
import { STYLE } from './pages/style.js';
import { toReader } from './reader.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { SignInStart } from './sign-in/sign-in.start.js';
import { VisitLimits } from './visit.limits.js';

/** What somebody has connected. */
@Public()
@UseGuards(PageGuard)
@UseFilters(PageErrorFilter)
@Controller()
export class ConnectionsController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly signIn: SignInStart,
    private readonly connections: Connections,
    private readonly changes: ConnectionChanges,
    private readonly limits: VisitLimits,
  ) {}

  @Get('connections')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = readQuery(request);
    const visit = await this.sessions.find(request);
    if (!visit) return this.signIn.choose(request, reply, readDestination(query));
    sendPage(reply, renderConnections(toReader(visit), await this.connections.list(visit.visitor), query));
  }

  /** The same list, for people of one tenant. */
  @Get('t/:tenant/connections')
  ofTenant(@Res() reply: FastifyReply, @Param('tenant') tenant: string): void {
    sendTo(reply, `/connections?tenant=${encodeURIComponent(tenant)}`);
  }

  /** Where the server of a connection sends the browser back to. */
  @Get('connections/callback/:name')
  async comeBack(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const { session, visitor } = await this.sessions.demand(request);
    await this.limits.countVisitor(visitor);
    await findConnection(this.connections, visitor, name);
    await this.changes.complete(visitor, name, session.id, readQuery(request));
    sendTo(reply, donePath('connected', name));
  }

  @Get('connections/style.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  style(): string {
    return STYLE;
  }
}
