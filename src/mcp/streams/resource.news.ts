import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';
import { ResourceChanges, type ResourceChange } from '../../database/resource.changes.js';
import { NativeViews } from '../../policy/native-view.js';
import { LegacySubscriptions } from './legacy.subscriptions.js';
import { Listeners } from './listeners.js';

/** Tells those who subscribed to a resource, and may read it, that it has changed. */
@Injectable()
export class ResourceNews implements OnModuleInit {
  constructor(
    private readonly changes: ResourceChanges,
    private readonly views: NativeViews,
    private readonly legacy: LegacySubscriptions,
    private readonly listeners: Listeners,
  ) {}

  onModuleInit(): void {
    this.changes.onChange((change) => this.#tell(change));
  }

  #tell(change: ResourceChange): void {
    const { uri } = change;
    this.listeners.announce((call, session, { resources, resourceUpdated }) => {
      const isSubscribed = resources ? resources.has(uri) : this.legacy.has(call, session, uri);
      return isSubscribed && concerns(change, call) && this.views.findNative(call, uri) ? resourceUpdated(uri) : undefined;
    });
  }
}

const concerns = ({ tenant, owner }: ResourceChange, call: CallContext): boolean =>
  tenant === call.tenant.id && (owner === undefined || (owner.issuer === call.caller.issuer && owner.subject === call.caller.subject));
