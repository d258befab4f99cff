import { clientProfileNames, clientProfiles, type ClientProfile } from '@gatehouse-mcp/openapi-tools';
import { UsageError } from '../usage.error.js';

/** Room for the server's name, which clients put in front of a tool's. */
const SERVER_NAME = 20;

/** Longest tool name that still fits with a server's name in front. */
export const longestName = ({ nameMax }: ClientProfile): number => nameMax - SERVER_NAME;

/** The profile that `--profile` names. @throws UsageError listing those that there are */
export function readProfile(name = 'default'): ClientProfile {
  const profile = Object.hasOwn(clientProfiles, name) ? clientProfiles[name] : undefined;
  if (!profile) throw new UsageError(`there is no client profile "${name}"; there are ${clientProfileNames.join(', ')}`);
  return profile;
}
