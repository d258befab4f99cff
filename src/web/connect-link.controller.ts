import { Controller, Get, Param, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.js';
import { ConnectLinks } from '../credentials/vault/connect-links.js';
import { Connections } from '../credentials/vault/connections.js';
import { GatewayError } from '../errors/gateway.error.js';
import { sendPage } from './answer.js';
import { ConnectionChanges, FOREIGN_LINK } from './connection.changes.js';
import { readDestination, readQuery } from './destination.js';
import { findConnection } from './find-connection.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageGuard } from './page.guard.js';
import { renderConnection } from './pages/connection.page.js';
import { renderForeignLink } from './pages/error.page.js';
import { toReader } from './reader.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { SignInStart } from './sign-in/sign-in.start.js';

/** The page of one connection, where the link in a tool's answer leads. Below `to/`: no connection can have the name of another page. */
@Public()
@UseGuards(PageGuard)
@UseFilters(PageErrorFilter)
@Controller('connections/to/:name')
export class ConnectLinkController {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly signIn: SignInStart,
    private readonly links: ConnectLinks,
    private readonly connections: Connections,
    private readonly changes: ConnectionChanges,
  ) {}

  /** Whoever it was made for and whoever opens it must be the same person; without a link it is the reader's own page. */
  @Get()
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const wanted = readDestination(readQuery(request), { connection: name });
    const owner = wanted.for === undefined ? undefined : await this.links.read(wanted.for);
    const visit = await this.sessions.find(request);
    if (!visit) return this.signIn.choose(request, reply, { ...wanted, tenant: owner?.tenant ?? wanted.tenant });
    if (wanted.for !== undefined) {
      if (owner?.connection !== name) throw new GatewayError({ code: 'link_expired', status: 400 }, 'this link is older than 15 minutes, or not one of ours');
      const { caller, tenant } = visit.visitor;
      if (owner.tenant !== tenant.name || owner.issuer !== caller.issuer || owner.subject !== caller.subject) {
        await this.changes.refuseLink(visit.visitor, name);
        return sendPage(reply, renderForeignLink(toReader(visit)), FOREIGN_LINK.status);
      }
    }
    sendPage(reply, renderConnection(toReader(visit), await findConnection(this.connections, visit.visitor, name)));
  }
}
