/** A tenant of the registry. Schema and role are generated from the id, never from a claim. */
export interface Tenant {
  /** UUID. */
  readonly id: string;
  /** Its name in `gatehouse.yaml` and in `/t/<name>/mcp`. */
  readonly name: string;
  readonly schema: string;
  readonly role: string;
  readonly state: 'active' | 'suspended';
}
