import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Role } from '../../platform/http/index.ts';

/** Somebody who may sign in. */
@Entity({ name: 'users' })
export class User {
  @PrimaryGeneratedColumn('uuid') id: string;
  /** Lower-case. */
  @Column('text') email: string;
  @Column('text', { name: 'password_hash' }) passwordHash: string;
  @Column('text') role: Role;
  /** Public ids of the locations the user is limited to; empty = all. */
  @Column('uuid', { array: true, name: 'location_ids' }) locationIds: string[];
  @Column('boolean') disabled: boolean;
  /** Access tokens of an earlier version are refused. */
  @Column('int', { name: 'token_version' }) tokenVersion: number;
  @Column('int') version: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
}
