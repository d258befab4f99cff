import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { ConnectLinkController } from './connect-link.controller.js';
import { ConnectionChanges } from './connection.changes.js';
import { ConnectionController } from './connection.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { PendingSignIns } from './sign-in/pending-sign-ins.js';
import { SignInClient } from './sign-in/sign-in.client.js';
import { SignInStart } from './sign-in/sign-in.start.js';
import { SignInController } from './sign-in.controller.js';
import { Submissions } from './submissions.js';
import { VisitLimits } from './visit.limits.js';

@Module({
  imports: [AuthModule, CredentialsModule],
  controllers: [ConnectionController, ConnectionsController, ConnectLinkController, SignInController],
  providers: [BrowserSessions, ConnectionChanges, PendingSignIns, SignInClient, SignInStart, Submissions, VisitLimits],
})
export class WebModule {}
