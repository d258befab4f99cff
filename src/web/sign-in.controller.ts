import { Controller, Get, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/access.js';
import { sendPage, sendTo } from './answer.js';
import { pathOf, readDestination, readQuery } from './destination.js';
import { PageErrorFilter } from './page-error.filter.js';
import { PageGuard } from './page.guard.js';
import { renderSignedOut } from './pages/sign-in.page.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { Submissions } from './submissions.js';
import { PendingSignIns } from './sign-in/pending-sign-ins.js';
import { SignInClient } from './sign-in/sign-in.client.js';
import { SignInStart } from './sign-in/sign-in.start.js';

/** In and out. A bearer token means nothing here: the pages know their own cookies only. */
@Public()
@UseGuards(PageGuard)
@UseFilters(PageErrorFilter)
@Controller('connections')
export class SignInController {
  constructor(
    private readonly start: SignInStart,
    private readonly pending: PendingSignIns,
    private readonly client: SignInClient,
    private readonly sessions: BrowserSessions,
    private readonly submissions: Submissions,
  ) {}

  @Get('sign-in/:provider')
  async leave(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('provider') provider: string): Promise<void> {
    await this.start.leave(request, reply, provider, readDestination(readQuery(request)));
  }

  @Get('signed-in')
  async comeBack(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const pending = await this.pending.take(request, reply);
    const caller = await this.client.finish(pending, readQuery(request), { publicUrl: request.publicUrl, address: request.ip });
    sendTo(reply, pathOf(pending), [await this.sessions.create(request, caller)]);
  }

  /** Not back to the list, which would lead to a provider where the person is signed in still. */
  @Post('sign-out')
  async leaveForGood(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.submissions.read(request);
    reply.header('set-cookie', this.sessions.end(request));
    sendPage(reply, renderSignedOut());
  }
}
