import { z } from 'zod';
import { docsPage } from '../docs-page/page.ts';
import { STYLE_HASH } from '../docs-page/style.ts';
import { type OpenApiDocument, openApiDocument } from '../openapi.ts';
import { defineRoute, type Route } from '../route.ts';

/** The document is fixed for a release; a minute spares the load of people who reload (s). */
const CACHE = { 'Cache-Control': 'public, max-age=60' };

const PAGE_POLICY = `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The OpenAPI document of `routes` and of these two, and a page to browse it. */
export function documentationRoutes(routes: readonly Route[], version: string): Route[] {
  let document: OpenApiDocument | undefined;
  let page: string | undefined;
  const build = () => {
    document ??= openApiDocument(all, version);
    return document;
  };
  const own = [
    defineRoute({
      method: 'get',
      path: '/api/v1/openapi.json',
      tag: 'Service',
      summary: 'This document',
      access: 'public',
      input: {},
      answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) },
      handle: () => ({ body: { ...build() }, headers: CACHE }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/docs',
      tag: 'Service',
      summary: 'This document as a page',
      access: 'public',
      input: {},
      answer: { status: 200, description: 'A page without scripts.', mediaType: 'text/html' },
      handle() {
        page ??= docsPage(build());
        const headers = {
          ...CACHE,
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': PAGE_POLICY,
        };
        return { text: page, headers };
      },
    }),
  ];
  const all = [...routes, ...own];
  return own;
}
