import { z } from 'zod';
import type { ErrorCode } from '../errors/index.ts';
import type { Route } from './route-table.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of every route: what goes in, what comes out, which permission it needs, how it fails. */
export function buildOpenApi(routes: readonly Route[], info: { title: string; version: string }): Json {
  const paths: Record<string, Json> = {};
  for (const route of [...routes].sort((a, b) => a.id.localeCompare(b.id))) {
    const path = route.path.replace(/[:*](\w+)/g, '{$1}');
    const entry = paths[path] ?? {};
    entry[route.method.toLowerCase()] = operation(route);
    paths[path] = entry;
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'jf_session' },
        apiKey: { type: 'http', scheme: 'bearer' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code', 'details', 'requestId'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string' },
            details: { type: 'object' },
            errors: {
              type: 'array',
              items: {
                type: 'object',
                required: ['path', 'message'],
                properties: { path: { type: 'string' }, message: { type: 'string' } },
              },
            },
            requestId: { type: 'string' },
          },
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const { options } = route;
  return {
    tags: [route.pluginId],
    operationId: route.id.replace(/[^A-Za-z0-9]+/g, '_'),
    ...(options.summary ? { summary: options.summary } : {}),
    security: route.public ? [] : [{ session: [] }, { apiKey: [] }],
    ...(route.permission === null ? {} : { 'x-permission': route.permission }),
    parameters: [...parameters(options.params, 'path'), ...parameters(options.query, 'query')],
    ...requestBody(route),
    responses: {
      [String(options.status ?? (options.response ? 200 : 204))]: success(route),
      ...problems(route),
    },
  };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const json = toJson(schema, 'input');
  const properties = (json.properties ?? {}) as Record<string, Json>;
  const required = (json.required ?? []) as string[];
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function requestBody({ options }: Route): Json {
  if (options.upload) {
    const content = Object.fromEntries(options.upload.types.map((type) => [type, {}]));
    return { requestBody: { required: true, content } };
  }
  if (!options.body) return {};
  return {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: toJson(options.body, 'input') } },
    },
  };
}

function success({ options }: Route): Json {
  if (!options.response) return { description: 'Done.' };
  return {
    description: 'Done.',
    content: { 'application/json': { schema: toJson(options.response, 'output') } },
  };
}

function problems(route: Route): Record<string, Json> {
  const { options } = route;
  const codes: [number, ErrorCode][] = [];
  if (options.body || options.query || options.params) codes.push([422, 'VALIDATION_FAILED']);
  if (!route.public) codes.push([401, 'NOT_SIGNED_IN']);
  if (route.permission !== null) codes.push([403, 'FORBIDDEN']);
  if (options.rateLimit !== undefined) codes.push([429, 'RATE_LIMITED']);
  const entries = codes.map(([status, code]): [string, Json] => [String(status), problem(code)]);
  return { ...Object.fromEntries(entries), default: problem('any code') };
}

function problem(description: string): Json {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): Json {
  // What JSON Schema cannot say (a transform, a Date) is shown as "anything" instead of failing the document.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}
