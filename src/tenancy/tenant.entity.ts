import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of the registry. It is the only entity with a schema: the registry lies in the control schema, not in a tenant's. */
@Entity({ name: 'tenants', schema: 'gatehouse' })
export class TenantEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'schema_name' })
  schema!: string;

  @Column('text', { name: 'role_name' })
  role!: string;

  @Column('text')
  state!: 'active' | 'suspended';

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
