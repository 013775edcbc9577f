import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A shop, a dark store or a warehouse. Facts refer to `id`, clients to `locationId`. */
@Entity({ name: 'locations' })
export class Location {
  @PrimaryGeneratedColumn('identity', { generatedIdentity: 'ALWAYS' }) id: number;
  @Column('uuid', { name: 'location_id' }) locationId: string;
  @Column('text') code: string;
  @Column('text') name: string;
  @Column('text', { nullable: true }) pincode: string | null;
  @Column('text', { nullable: true }) city: string | null;
  @Column('text', { nullable: true }) region: string | null;
  @Column('double precision', { nullable: true }) latitude: number | null;
  @Column('double precision', { nullable: true }) longitude: number | null;
  @Column('text') timezone: string;
  @Column('int') version: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null;
}
