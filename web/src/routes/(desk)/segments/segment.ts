import type { Rule } from '@zhanggui/shared/members/rule.ts';
import type { ListedMember } from '../members/member.ts';

export type Segment = {
  id: string;
  name: string;
  description: string | null;
  rule: Rule;
  createdBy: string;
  updatedAt: string;
};

export type Counted = { count: number; ms: number; preview: ListedMember[] };

export type Named = { code: string; nameZh: string; nameEn: string };

/** What rules can choose from. */
export type Values = {
  levels: string[];
  tags: string[];
  media: string[];
  categories: Named[];
  stores: Named[];
};

export const noValues: Values = { levels: [], tags: [], media: [], categories: [], stores: [] };
