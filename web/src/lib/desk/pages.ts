import { may, type Permission } from '@zhanggui/shared/access/permissions.ts';
import type { DeskMessages } from '#lib/i18n/desk.ts';
import type { SessionUser } from './session.svelte.ts';

export type DeskPage = {
  href: string;
  label: keyof DeskMessages['nav'] & string;
  /** Path of a 24 × 24 line drawing. */
  icon: string;
  needs: Permission;
  group: 'work' | 'admin';
  /** Not of this app: the browser loads it anew. */
  outside?: true;
};

/** The desk's pages in the order of the navigation. The first four are a thumb away on a phone. */
export const deskPages: readonly DeskPage[] = [
  { href: '/', label: 'overview', icon: 'M4 19V10m5 9V5m5 14v-7m5 7V8', needs: 'board.read', group: 'work' },
  {
    href: '/alerts',
    label: 'alerts',
    icon: 'M12 4a6 6 0 0 0-6 6v4l-2 3h16l-2-3v-4a6 6 0 0 0-6-6zm-2 16h4',
    needs: 'restock.read',
    group: 'work',
  },
  {
    href: '/restock',
    label: 'restock',
    icon: 'M4 7h9v10H4zm9 3h4l3 3v4h-7m-6 0a2 2 0 1 0 4 0 2 2 0 0 0-4 0zm8 0a2 2 0 1 0 4 0 2 2 0 0 0-4 0z',
    needs: 'restock.read',
    group: 'work',
  },
  {
    href: '/stock',
    label: 'stock',
    icon: 'M4 8l8-4 8 4v8l-8 4-8-4zm0 0l8 4 8-4m-8 4v8',
    needs: 'stock.read',
    group: 'work',
  },
  {
    href: '/live',
    label: 'live',
    icon: 'M4 6h11v12H4zm11 4l5-3v10l-5-3M8 10h.01',
    needs: 'live.read',
    group: 'work',
  },
  {
    href: '/orders',
    label: 'orders',
    icon: 'M6 3h12v18l-3-2-3 2-3-2-3 2zm3 6h6m-6 4h6',
    needs: 'restock.read',
    group: 'work',
  },
  {
    href: '/availability',
    label: 'availability',
    icon: 'M12 21s-6-5.5-6-11a6 6 0 0 1 12 0c0 5.500-6 11-6 11zm0-9a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
    needs: 'restock.read',
    group: 'work',
  },
  {
    href: '/counts',
    label: 'counts',
    icon: 'M5 4h14v16H5zm3 5l1.500 1.500L12 8m2 1h3m-9 6l1.500 1.500L12 14m2 1h3',
    needs: 'stock.command',
    group: 'work',
  },
  {
    href: '/slow-movers',
    label: 'slowMovers',
    icon: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3 3',
    needs: 'restock.read',
    group: 'work',
  },
  {
    href: '/members',
    label: 'members',
    icon: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 10c0-4 3.500-7 8-7s8 3 8 7',
    needs: 'members.read',
    group: 'work',
  },
  {
    href: '/segments',
    label: 'segments',
    icon: 'M4 5h16l-6 7.500V19l-4 2v-8.500z',
    needs: 'segments.read',
    group: 'work',
  },
  {
    href: '/campaigns',
    label: 'campaigns',
    icon: 'M4 8h16v3a2 2 0 0 0 0 4v3H4v-3a2 2 0 0 0 0-4zm10 0v2m0 3v2m0 3v-1',
    needs: 'campaigns.read',
    group: 'work',
  },
  {
    href: '/automations',
    label: 'automations',
    icon: 'M13 3L5 14h6l-1 7 8-11h-6z',
    needs: 'automations.read',
    group: 'work',
  },
  {
    href: '/groups',
    label: 'groups',
    icon: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm7 0a2.500 2.500 0 1 0 0-5M3 19c0-3.500 2.500-5.500 6-5.500s6 2 6 5.500m1-5c3 0 5 1.500 5 4.500',
    needs: 'groups.read',
    group: 'work',
  },
  {
    href: '/catalog',
    label: 'catalog',
    icon: 'M4 5h7l9 9-6 6-9-9zm4 4h.01',
    needs: 'catalog.read',
    group: 'work',
  },
  {
    href: '/ingest',
    label: 'ingest',
    icon: 'M12 4v10m0 0l-4-4m4 4l4-4M5 19h14',
    needs: 'sources.read',
    group: 'work',
  },
  {
    href: '/targets',
    label: 'targets',
    icon: 'M12 3a9 9 0 1 0 9 9m-9-5a5 5 0 1 0 5 5m-5 0l8-8',
    needs: 'targets.read',
    group: 'work',
  },
  {
    href: '/people',
    label: 'people',
    icon: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6 9c0-3.5 2.7-6 6-6s6 2.5 6 6m1-16a3.5 3.5 0 0 1 0 7m2 3.5c2 .8 3 2.8 3 5.5',
    needs: 'users.manage',
    group: 'admin',
  },
  {
    href: '/keys',
    label: 'keys',
    icon: 'M8 16a4 4 0 1 1 3.5-6H21v4h-3v3h-4v-3h-2.5A4 4 0 0 1 8 16zm0-4h.01',
    needs: 'keys.manage',
    group: 'admin',
  },
  {
    href: '/walls',
    label: 'walls',
    icon: 'M3 5h18v11H3zm6 15h6m-3-4v4',
    needs: 'walls.manage',
    group: 'admin',
  },
  {
    href: '/deliveries',
    label: 'deliveries',
    icon: 'M4 5h16v11h-9l-4 4v-4H4zm4 4h8m-8 3h5',
    needs: 'delivery.manage',
    group: 'admin',
  },
  {
    href: '/silences',
    label: 'silences',
    icon: 'M8.500 5.500A6 6 0 0 1 18 10v4l1 1.500M6 9.500V14l-2 3h12m-6 3h4M4 4l16 16',
    needs: 'alerts.silence',
    group: 'admin',
  },
  {
    href: '/approval-rules',
    label: 'approvalRules',
    icon: 'M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zm-3.500 9l2.500 2.500 4.500-5',
    needs: 'approvals.manage',
    group: 'admin',
  },
  {
    href: '/settings',
    label: 'settings',
    icon: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4',
    needs: 'campaigns.rule',
    group: 'admin',
  },
  {
    href: '/audit',
    label: 'audit',
    icon: 'M6 3h9l4 4v14H6zm3 8h7m-7 4h7',
    needs: 'audit.read',
    group: 'admin',
  },
  {
    href: '/admin/jobs',
    label: 'jobs',
    icon: 'M12 3v3m0 12v3M3 12h3m12 0h3M6 6l2 2m8 8l2 2M6 18l2-2m8-8l2-2m-6 1a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
    needs: 'jobs.manage',
    group: 'admin',
    outside: true,
  },
];

/** The pages someone may open. Hiding them is courtesy; the server decides. */
export function pagesFor(user: SessionUser | null): DeskPage[] {
  if (!user) return [];
  const who = { kind: 'user', ...user } as const;
  return deskPages.filter((page) => may(who, page.needs));
}

/** Whether `path` is on a page or under it. */
export const isOn = (page: Pick<DeskPage, 'href'>, path: string): boolean =>
  page.href === '/' ? path === '/' : path === page.href || path.startsWith(`${page.href}/`);
