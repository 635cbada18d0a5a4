import type { Role } from '@zhanggui/shared/contract/words.ts';

export type Person = {
  id: string;
  email: string;
  name: string;
  role: Role;
  locations: string[];
  regions: string[];
  hasPassword: boolean;
  lastSeenAt: string | null;
  disabledAt: string | null;
};

/** What a form changes. */
export type PersonFields = Pick<Person, 'email' | 'name' | 'role' | 'locations' | 'regions'>;

export const fieldsOf = ({ email, name, role, locations, regions }: Person): PersonFields => ({
  email,
  name,
  role,
  locations,
  regions,
});
