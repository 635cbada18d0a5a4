/** The OpenAPI 3.1 document, made from the schemas that validate: it can't say anything else than what happens. */
import { z } from 'zod';
import { keyScopesFor, permissions, rolesFor, type Permission } from '@zhanggui/shared/access/permissions.ts';
import { errorCodes, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import type { Cookies } from './cookies.ts';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

/** Describes all routes. `version` is the product's. */
export function openApiDocument(
  routes: readonly Route[],
  { version, cookies }: { version: string; cookies: Cookies },
): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method]: operation(route, path) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Zhanggui', version, description: introduction },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: cookies.user.name,
          description: 'A person who signed in',
        },
        key: { type: 'http', scheme: 'bearer', description: 'A key of a machine, with scopes' },
        wall: { type: 'apiKey', in: 'cookie', name: cookies.wall.name, description: 'A paired wall' },
      },
    },
  };
}

const introduction = `The control room's API. People sign in with a session cookie, machines send \`Authorization: Bearer <key>\`, walls carry
the token they were paired with. Money is integer minor units, times are RFC 3339, business days \`YYYY-MM-DD\` in the company's time zone.
Lists answer \`{rows, nextCursor}\`. Errors are problem details (RFC 9457) with a stable \`code\`.`;

const problemSchema: Json = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(errorCodes), description: 'Stable; match on this' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      description: 'The offending fields',
      items: {
        type: 'object',
        required: ['field', 'detail'],
        properties: { field: { type: 'string' }, detail: { type: 'string' } },
      },
    },
    available: {
      type: 'array',
      description: 'With `insufficient_stock`: what can be promised instead, nearest first',
      items: {
        type: 'object',
        required: ['sku', 'location', 'available'],
        properties: { sku: { type: 'string' }, location: { type: 'string' }, available: { type: 'integer' } },
      },
    },
    requestId: { type: 'string', description: 'Also in the log' },
  },
};

/** `/walls/:id` reads `/walls/{id}`. */
function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

function operation(route: Route, path: string): Json {
  return {
    operationId: `${route.method}${path.replace(/^\/api(\/v1)?/, '').replace(/\W+(\w?)/g, (_, first: string) => first.toUpperCase())}`,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, accessNote(route.permission)].filter(Boolean).join('\n\n'),
    security: securityOf(route.permission),
    'x-permission': route.permission,
    'x-key-scopes': keyScopesFor(route.permission),
    'x-roles': rolesFor(route.permission),
    ...withParameters(route),
    ...withBody(route),
    responses: responses(route),
  };
}

function accessNote(permission: Permission): string {
  const grantees: readonly string[] = permissions[permission];
  if (grantees.includes('anyone')) return 'Open to anyone.';
  const scopes = keyScopesFor(permission).map((scope) => `\`${scope}\``);
  const who = [
    `roles ${rolesFor(permission).join(', ')}`,
    ...(scopes.length > 0 ? [`keys with scope ${scopes.join(' or ')}`] : []),
    ...(grantees.includes('wall') ? ['walls'] : []),
  ];
  return `Needs \`${permission}\`: ${who.join('; ')}.`;
}

/** HTTP and apiKey schemes may name the roles needed since OpenAPI 3.1. */
function securityOf(permission: Permission): Json[] {
  const grantees: readonly string[] = permissions[permission];
  if (grantees.includes('anyone')) return [];
  return [
    ...(rolesFor(permission).length > 0 ? [{ session: rolesFor(permission) }] : []),
    ...keyScopesFor(permission).map((scope) => ({ key: [scope] })),
    ...(grantees.includes('wall') ? [{ wall: [] }] : []),
  ];
}

function withParameters(route: Route): Json {
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...parametersOf(route.headers, 'header'),
  ];
  return parameters.length > 0 ? { parameters } : {};
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query' | 'header'): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = jsonSchema(field as z.ZodType);
    return {
      name,
      in: where,
      required: where === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function withBody(route: Route): Json {
  if (route.body === undefined) return {};
  const schema = jsonSchema(route.describeBody ?? route.body);
  const types = route.bodyTypes ?? ['application/json'];
  return {
    requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema }])) },
  };
}

function responses(route: Route): Json {
  const status = String(route.status ?? (route.answer ? 200 : 204));
  const good = route.answer
    ? {
        description: 'Done',
        content: { [route.answerType ?? 'application/json']: { schema: jsonSchema(route.answer) } },
      }
    : { description: 'Done' };
  return { [status]: good, ...problemResponses(route) };
}

/** The errors of a route by status: its own, and those that follow from how it is described. */
function problemResponses(route: Route): Json {
  const grantees: readonly string[] = permissions[route.permission];
  const codes: ErrorCode[] = [
    ...(route.errors ?? []),
    ...(route.params || route.query || route.body ? (['invalid_request'] as const) : []),
    ...(route.body ? (['too_large', 'unsupported_media_type'] as const) : []),
    ...(grantees.includes('anyone') ? [] : (['unauthenticated', 'forbidden'] as const)),
    'database_away',
  ];
  const byStatus = Map.groupBy(new Set(codes), (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      String(status),
      {
        description: list.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

/** The schema of what goes over the wire: the input side, which for our codecs is the JSON side. */
function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      // The format says it better than zod's 300 characters of leap years.
      if (made.format === 'date' || made.format === 'date-time') delete made.pattern;
      if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
      if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
    },
  });
  return json;
}
