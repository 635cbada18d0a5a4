import type { Rule } from '@zhanggui/shared/members/rule.ts';

/** The rule by which members get a tag, as the API tells of it. */
export type TagRule = {
  tag: string;
  nameZh: string;
  nameEn: string;
  rule: Rule;
  /** Comes with the product: may be changed, not deleted. */
  builtIn: boolean;
  updatedAt: string;
};
